// SPDX-License-Identifier: Apache-2.0
// What pattern matchers share: reading constants, peeling scalings, building
// small ops. Pure helpers over the IR, no state.
#pragma once

#include "ir/llm/Dialect.h"
#include "ir/llm/Shape.h"
#include "ir/llm/Weights.h"
#include "mlir/IR/PatternMatch.h"

namespace llmc::match {

/// The one value of a constant whose elements are all equal; booleans are 0 or
/// 1.
std::optional<double> splatOf(mlir::Value);
/// Whether the value is such a constant, within a relative error that f16
/// constants need.
bool isSplat(mlir::Value, double wanted, double tolerance = 1e-3);

/// If `op` is a binary op with a splat constant on one side that does not widen
/// the other side's shape: the other operand, and the constant in `constant`.
mlir::Value withSplat(mlir::Operation *op, double &constant);

/// x of `x * c1 / c2 * ...` over any number of scalar multiplications and
/// divisions; `factor` is multiplied by them.
mlir::Value peelScale(mlir::Value, double &factor);

/// The value below casts between float types.
mlir::Value peelFloatCasts(mlir::Value);

/// A factor list: v = constant * product of the values.
struct Product {
  double constant = 1;
  llvm::SmallVector<mlir::Value, 4> factors;
};
/// Flattens multiplications (and divisions by constants); does not look into
/// `stop`.
Product productOf(mlir::Value, mlir::Value stop = {});

/// Dims equal as expressions.
bool sameDims(mlir::Value, mlir::Value);
/// Whether `x` used in place of a broadcast operand leaves result dims `result`
/// as they are: each of its dims is 1 or the result's expression.
bool broadcastsTo(mlir::Value x, llvm::ArrayRef<llm::Dim> result);
/// Whether the only axis that is not 1 is the last one, so that x acts per
/// column.
bool isPerColumn(mlir::Value);

/// An `llm.weight` for a small constant or weight seen as dims `dims`; null if
/// the value is neither.
mlir::Value asWeight(mlir::OpBuilder &, mlir::Value,
                     llvm::ArrayRef<int64_t> dims);

mlir::Value reshapeTo(mlir::OpBuilder &, mlir::Location, mlir::Value,
                      llvm::ArrayRef<llm::Dim>);
mlir::Value transposeBy(mlir::OpBuilder &, mlir::Location, mlir::Value,
                        llvm::ArrayRef<int64_t> perm);

/// [start, start + size) of an axis.
struct Part {
  int64_t start, size;
};
/// The part of an axis that a slice takes, if it takes the other axes whole.
std::optional<Part> partOf(llm::SliceOp, int64_t axis);
/// The part of x on an axis.
mlir::Value sliceOf(mlir::OpBuilder &, mlir::Location, mlir::Value x,
                    int64_t axis, llm::Dim start, llm::Dim size);

/// A remark that tells why a recognition did not happen (-Rpass-missed style:
/// kept as remarks that llmc-opt and `check` show on request).
void missed(mlir::Operation *, llvm::StringRef pass, const llvm::Twine &why);

} // namespace llmc::match
