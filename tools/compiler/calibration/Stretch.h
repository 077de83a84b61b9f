// SPDX-License-Identifier: Apache-2.0
// Parts of @main as programs of their own, which begin with values that a part
// before them left and give the values that the parts behind them need. Pure
// functions over the IR.
#pragma once

#include "ir/llm/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "passes/Evaluator.h"

namespace llmc::compiler {

/// The op of @main's body that makes a value; null for an argument.
mlir::Operation *makerIn(mlir::func::FuncOp main, mlir::Value);

/// What computing `wanted` needs of the ops up to `last` (null: of none), in
/// the order of the program. Arguments are not among it, nor is what comes of
/// ops without operands, which every stretch has of its own.
llvm::SmallVector<mlir::Value> valuesAlive(mlir::func::FuncOp main,
                                           mlir::Operation *last,
                                           llvm::ArrayRef<mlir::Value> wanted);

struct Stretch {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::SmallVector<unsigned> arguments; ///< of `main`, ascending
};

/// A program @main {llm.entry = "raw"} whose inputs are those of `main` that it
/// needs, for their elements or their sizes, then `known`. So the layers of a
/// model are programs that differ in their weights alone. Its outputs are
/// `kept`, then `observed` [..., size] as f32 [rows, size].
Stretch makeStretch(mlir::func::FuncOp main, llvm::ArrayRef<mlir::Value> known,
                    llvm::ArrayRef<mlir::Value> kept,
                    llvm::ArrayRef<mlir::Value> observed);

/// A program of x, f32 [rows, size], and with options.original of y, the same:
///   if options.hessian, the sum of their rows' x x^T [size, size] down to its
///     diagonal, kSumColumns columns at a time: [rows of them, columns]
///   the sum of x y^T, if options.original
///   the largest |x| [size] and the sum of x [size]
mlir::OwningOpRef<mlir::ModuleOp>
makeSums(mlir::MLIRContext *, int64_t size,
         const passes::ObserveOptions &options);
/// A multiple of what kernels compute at once: few of them, little below the
/// diagonal.
constexpr int64_t kSumColumns = 384;

} // namespace llmc::compiler
