// SPDX-License-Identifier: Apache-2.0
// Shorthand for the elementwise ops that rules compose: every function makes
// one op at the binder's node. Used by the families' rules.
#pragma once

#include "frontend/onnx/Rule.h"

namespace llmc::onnx {

/// A scalar of x's element type.
inline mlir::Value constantLike(Binder &b, mlir::Value x, double v) {
  mlir::Type element = llm::elementOf(x);
  return mlir::isa<mlir::FloatType>(element)
             ? b.scalarFloat(element, v)
             : b.scalarSize(b.constantDim(static_cast<int64_t>(v)), element);
}

inline mlir::Value add(Binder &b, mlir::Value x, mlir::Value y) {
  return b.make<llm::AddOp>({x, y});
}
inline mlir::Value sub(Binder &b, mlir::Value x, mlir::Value y) {
  return b.make<llm::SubOp>({x, y});
}
inline mlir::Value mul(Binder &b, mlir::Value x, mlir::Value y) {
  return b.make<llm::MulOp>({x, y});
}
inline mlir::Value div(Binder &b, mlir::Value x, mlir::Value y) {
  return b.make<llm::DivOp>({x, y});
}
inline mlir::Value less(Binder &b, mlir::Value x, mlir::Value y) {
  return b.make<llm::LessOp>({x, y});
}
inline mlir::Value equal(Binder &b, mlir::Value x, mlir::Value y) {
  return b.make<llm::EqualOp>({x, y});
}
inline mlir::Value where(Binder &b, mlir::Value c, mlir::Value x,
                         mlir::Value y) {
  return b.make<llm::WhereOp>({c, x, y});
}
inline mlir::Value add(Binder &b, mlir::Value x, double y) {
  return y == 0 ? x : add(b, x, constantLike(b, x, y));
}
inline mlir::Value scaled(Binder &b, mlir::Value x, double factor) {
  return factor == 1 ? x : mul(b, x, constantLike(b, x, factor));
}

/// 0, 1, ..., n - 1.
inline mlir::Value countTo(Binder &b, llm::Dim n, mlir::Type element) {
  mlir::Value zero = b.scalarSize(b.constantDim(0), element),
              one = b.scalarSize(b.constantDim(1), element);
  return b.makeAs<llm::RangeOp>(b.tensor(n, element), {zero, one});
}
/// The same along one axis of `rank` dims, all others being 1.
inline mlir::Value countAlong(Binder &b, llm::Dim n, int64_t axis, int64_t rank,
                              mlir::Type element) {
  llm::Dims dims(rank, b.constantDim(1));
  dims[axis] = n;
  return b.reshape(countTo(b, n, element), dims);
}

inline mlir::Value reduce(Binder &b, llm::ReduceKind kind, mlir::Value x,
                          llvm::ArrayRef<int64_t> axes, bool keepdims) {
  return b.make<llm::ReduceOp>(
      x, {b.named("kind", llm::ReduceKindAttr::get(b.ctx, kind)),
          b.named("axes", b.builder.getDenseI64ArrayAttr(axes)),
          b.named("keepdims", b.builder.getBoolAttr(keepdims))});
}

} // namespace llmc::onnx
