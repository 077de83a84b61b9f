// SPDX-License-Identifier: Apache-2.0
// The register tile of matrix multiplication: rows x panels sums over one block
// of K, shared by every matmul of a code object. Used by Matmul.cpp.
#ifndef LLMC_CODEGEN_CPU_KERNELS_MATMULTILE_H
#define LLMC_CODEGEN_CPU_KERNELS_MATMULTILE_H

#include "codegen/cpu/KernelBuilder.h"

namespace llmc {

struct MatmulTile {
  int64_t rows;
  int64_t panels;
  int64_t strideA;      ///< of A's rows in elements, 0 = an argument
  int64_t strideSum;    ///< of the sums' rows in elements
  bool strided = false; ///< steps of K are an argument apart, not 16 elements
};

/// Rows up to which A is read in place and the weight is streamed once (the
/// matrix-vector form).
inline constexpr int64_t matmulThinRows = 4;

/// Panels that the thin form of `rows` rows handles at once.
int64_t matmulThinPanels(const CpuTarget &target, int64_t rows);

/// Emits void tile(a, lda, w, panelStride, sums, steps, accumulate[,
/// stepStride]): sums[r][c] = chain, or += chain where `accumulate` (i1);
/// chain = fma over `steps` steps of K from 0. `w` points at the block's first
/// step in the first panel, panels are panelStride elements apart.
mlir::LLVM::LLVMFuncOp emitMatmulTile(KernelModule &kernels,
                                      const MatmulTile &tile);

} // namespace llmc

#endif
