// SPDX-License-Identifier: Apache-2.0
// The layers of a transformer, found by their attention. Pure functions over
// the IR.
#pragma once

#include "ir/llm/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace llmc::match {

/// Where each layer begins, in the order of the program: at the product that
/// makes an attention's queries, or at the norm that only feeds this product.
llvm::SmallVector<mlir::Operation *> layerStarts(mlir::func::FuncOp);

/// What each layer of the function's own block leaves to the next one, and the
/// last to what follows: the operand of the next layer's start, and of the last
/// norm.
llvm::SmallVector<mlir::Value> layerResults(mlir::func::FuncOp);

} // namespace llmc::match
