// SPDX-License-Identifier: Apache-2.0
// Register tiles side by side: how kernels share rows and panels out to them.
#ifndef LLMC_CODEGEN_CPU_KERNELS_MATMULROWS_H
#define LLMC_CODEGEN_CPU_KERNELS_MATMULROWS_H

#include "codegen/cpu/kernels/MatmulTile.h"
#include <functional>

namespace llmc {

/// Runs over panels [begin, end) in groups of `widest`, a power of 2, then of
/// the halves of it that the rest takes: body(panels at once, the first).
void forPanelGroups(CodeBuilder &k, mlir::Value begin, mlir::Value end,
                    int64_t widest,
                    llvm::function_ref<void(int64_t, mlir::Value)> body);

/// Shares `rows` rows out to `parts` parts, the first of which have a row more
/// than the others: body(part, from, to).
void forRowParts(
    CodeBuilder &k, mlir::Value rows, mlir::Value parts,
    llvm::function_ref<void(mlir::Value, mlir::Value, mlir::Value)> body);

/// Operands of the register tiles of many rows.
struct MatmulRows {
  mlir::Value a; ///< rows `strideA` apart
  mlir::Value w, panelStride, sums, steps, accumulate;
  mlir::Value stepStride; ///< of a strided shape
  /// The block of as many panels and steps that is multiplied next, as it is
  /// stored: it comes from memory while this one, in the cache, is multiplied.
  struct Next {
    mlir::Value from;       ///< null: none, and shape.cached says about this
    int64_t panelBytes = 0; ///< from a panel to the next one
    int64_t stepBytes = 0;  ///< of a step of K in one panel
    bool fewRows = false;   ///< two tiles take all rows, of which there are 2
  } next;
  /// What to emit after a tile of rows [from, from + count), or null.
  std::function<void(mlir::Value from, mlir::Value count)> after;
};
/// Emits tiles of shape.panels for `rows` rows (i64). Rows are shared out
/// evenly, so that no tile is nearly empty: 13 are 5 + 4 + 4, not 6 + 6 + 1.
void emitMatmulRows(KernelModule &kernels, CodeBuilder &k,
                    const MatmulTile &shape, mlir::Value rows,
                    const MatmulRows &operands);

} // namespace llmc

#endif
