// SPDX-License-Identifier: Apache-2.0
// Tiles of matrix multiplication of bf16 for CPUs with tile registers (Intel's
// AMX), up to 32 rows by two panels: panels of pairs are what its right operand
// is made of. Used by MatmulTile.cpp and Matmul.cpp.
#ifndef LLMC_CODEGEN_CPU_KERNELS_AMXTILE_H
#define LLMC_CODEGEN_CPU_KERNELS_AMXTILE_H

#include "codegen/cpu/KernelBuilder.h"
#include <functional>

namespace llmc {

/// Operands in words of 32 bits: pairs of bf16, or sums in f32.
struct AmxRows {
  mlir::Value a, strideA; ///< rows of pairs of K
  mlir::Value w, panelStride;
  mlir::Value sums;
  int64_t strideSum, panels;
  mlir::Value rows, pairs, accumulate;
  /// What to emit after a tile of rows [from, from + count), or null.
  std::function<void(mlir::Value from, mlir::Value count)> after;
};

/// Emits sums[r][c] = chain, or += chain where `accumulate` (i1), over `pairs`
/// pairs of K. A chain's order is that of the instruction, whatever the number
/// of rows is.
void emitAmxRows(KernelModule &kernels, CodeBuilder &k,
                 const AmxRows &operands);

} // namespace llmc

#endif
