// SPDX-License-Identifier: Apache-2.0
// Register tiles of attention, functions that all attention kernels of a code
// object share. Their sums are the ones of the matmul tile: one chain of fused
// multiply-adds per result, from 0. Used by Attention.cpp.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ATTENTIONTILE_H
#define LLMC_CODEGEN_CPU_KERNELS_ATTENTIONTILE_H

#include "codegen/cpu/kernels/PackedRows.h"

namespace llmc {

/// Rows whose scores and weighted values stay in registers while keys and
/// values are streamed once, read in place: a decode step.
int64_t attentionThinRows(const CpuTarget &target);

/// scores[r][t] = chain over d of q[r][d] * k[t][d].
struct ThinScores {
  int64_t rows;
  mlir::Type key; ///< f32, f16 or bf16; bytes where packed
  int64_t headSize;
  int64_t keyStride;   ///< elements between positions, 0 = an argument
  int64_t queryStride; ///< of f32 rows
  int64_t scoreStride;
  PackedRows packed = {}; ///< how keys are
  /// Of the values of a position, which lie beside each other; 0: not known.
  int64_t valueBytes = 0;
};
/// Emits void scores(q, k, stride, scores, count, v) for `count` > 0 positions;
/// behind them it writes up to a vector. Keys are turned in registers, and the
/// positions' values v on their way when they are needed.
mlir::LLVM::LLVMFuncOp emitThinScores(KernelModule &kernels,
                                      const ThinScores &tile);

/// a[r][c] = chain over t of weights[r][t] * v[t][c].
struct WeightedValues {
  int64_t rows;
  mlir::Type value;  ///< f32, f16 or bf16; bytes where packed
  int64_t valueSize; ///< columns; sums behind them up to a vector are undefined
  int64_t valueStride; ///< elements between positions, 0 = an argument
  int64_t weightStride;
  int64_t sumStride;
  bool streams;           ///< v comes from memory, not from a cache
  PackedRows packed = {}; ///< how values are
};
/// Emits void values(weights, v, stride, sums, old, fresh, count, merges) over
/// `count` positions: sums[r] = a[r], or where `merges` (i1)
/// sums[r] * old[r] + a[r] * fresh[r].
mlir::LLVM::LLVMFuncOp emitWeightedValues(KernelModule &kernels,
                                          const WeightedValues &tile);

} // namespace llmc

#endif
