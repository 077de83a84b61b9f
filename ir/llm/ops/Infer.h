// SPDX-License-Identifier: Apache-2.0
// Shared by the op families: result type inference and its common checks.
#pragma once

#include "ir/llm/Dialect.h"
#include "ir/llm/Shape.h"

namespace llmc::llm {

/// The module around a value, to make symbols in; null for detached IR.
mlir::ModuleOp moduleOf(mlir::Value);
/// Broadcast of tensor operands' dims (scalars have none).
mlir::FailureOr<Dims> broadcastOperands(std::optional<mlir::Location>,
                                        mlir::ValueRange);
/// Equal element types and ranks, and no two fixed dims that differ: what a
/// pass that knows sizes better may still write.
bool compatibleTypes(mlir::TypeRange inferred, mlir::TypeRange actual);
/// Whether a tensor's last dim is the bytes of such rows.
bool isPacked(mlir::Value, const PackedRows &);

} // namespace llmc::llm

/// The two interface methods of an inferred op; the body computes `out` from
/// `op` (its adaptor), `operands`, `ctx`, `loc`.
#define LLMC_INFER(OP, ...)                                                    \
  bool OP::isCompatibleReturnTypes(mlir::TypeRange a, mlir::TypeRange b) {     \
    return llmc::llm::compatibleTypes(a, b);                                   \
  }                                                                            \
  llvm::LogicalResult OP::inferReturnTypes(                                    \
      mlir::MLIRContext *ctx, std::optional<mlir::Location> loc, Adaptor op,   \
      llvm::SmallVectorImpl<mlir::Type> &out) {                                \
    [[maybe_unused]] mlir::ValueRange operands = op.getOperands();             \
    __VA_ARGS__                                                                \
  }
