// SPDX-License-Identifier: Apache-2.0
// Tiles of matrix multiplication of bf16 or bytes for CPUs with tile registers
// (Intel's AMX), up to 32 rows by two panels: panels of pairs or quads are what
// its right operand is made of. Used by MatmulTile.cpp, Matmul.cpp and
// RoundedMatmul.cpp.
#ifndef LLMC_CODEGEN_CPU_KERNELS_AMXTILE_H
#define LLMC_CODEGEN_CPU_KERNELS_AMXTILE_H

#include "codegen/cpu/KernelBuilder.h"
#include <functional>

namespace llmc {

/// Operands in words of 32 bits: pairs of bf16 with sums in f32, or quads of
/// bytes, those of A signed and those of w unsigned, with sums in i32.
struct AmxRows {
  mlir::Value a, strideA; ///< rows of pairs or quads of K
  mlir::Value w, panelStride;
  mlir::Value sums;
  int64_t strideSum, panels;
  mlir::Value rows, words, accumulate;
  /// What to emit after a tile of rows [from, from + count), or null.
  std::function<void(mlir::Value from, mlir::Value count)> after;
  bool bytes = false;
};

/// Emits sums[r][c] = chain, or += chain where `accumulate` (i1), over `words`
/// words of K. A chain's order is that of the instruction, whatever the number
/// of rows is.
void emitAmxRows(KernelModule &kernels, CodeBuilder &k,
                 const AmxRows &operands);

} // namespace llmc

#endif
