// SPDX-License-Identifier: Apache-2.0
// The register tile of matrix multiplication: rows x panels sums over one block
// of K, shared by every matmul of a code object.
#ifndef LLMC_CODEGEN_CPU_KERNELS_MATMULTILE_H
#define LLMC_CODEGEN_CPU_KERNELS_MATMULTILE_H

#include "codegen/cpu/KernelBuilder.h"

namespace llmc {

struct MatmulTile {
  int64_t rows;
  int64_t panels;
  int64_t strideA;        ///< of A's rows in elements, 0 = an argument
  int64_t strideSum;      ///< of the sums' rows in elements
  bool strided = false;   ///< steps of K are an argument apart, not 16 elements
  mlir::Type weight = {}; ///< of the panels (codegen/cpu/Panels.h): f32 (or
                          ///< null), f16 or bf16; the latter not strided
  /// Fetches of the panels that are next in each trip of the loop over K. 0: of
  /// these panels, which come from memory, unless they are in a cache. Loads
  /// bound the loop nearly as much as arithmetic does: none is wasted.
  int64_t ahead = 0;
  bool cached = false;
  /// A and the panels are of pairs of bf16 (CodeBuilder::dotPairs): an element
  /// is a word of 32 bits, a step a pair of K. Without `weight`.
  bool pairs = false;

  bool isHalf() const { return weight && !weight.isF32(); }
};

/// Words behind each row of a kernel's own buffers: a line, which keeps rows
/// that are walked together out of one cache set.
inline constexpr int64_t rowPadding = 16;

/// Rows up to which A is read in place and the weight is streamed once (the
/// matrix-vector form).
inline constexpr int64_t matmulThinRows = 4;

/// Panels of f32 that the thin form of `rows` rows handles at once where they
/// are in a cache.
int64_t matmulThinPanels(const CpuTarget &target, int64_t rows);
/// Rows of the largest register tile of `panels` panels, a power of 2 up to
/// target.tilePanels. `weight` is theirs, i32 of pairs.
int64_t matmulTileRows(const CpuTarget &target, int64_t panels,
                       mlir::Type weight = {});

/// Steps of K per trip of a tile's loop. Code that widens in registers is
/// scheduled far ahead, past the number of registers, where it is longer.
int64_t stepsPerTrip(const CpuTarget &target, const MatmulTile &tile);
/// Whether f16 becomes f32 while it is loaded, as on x86.
bool widensFromMemory(const CpuTarget &target);

/// Emits void tile(a, lda, w, panelStride, sums, steps, accumulate[, stepStride
/// or next, nextStride]): sums[r][c] = chain, or += chain where `accumulate`
/// (i1); chain = fma over `steps` steps of K from 0. `w` points at the block's
/// first step, an even one, in the first panel, panels are panelStride elements
/// apart. All of A, but for pairs, and the sums are f32. With `ahead`, memory
/// from `next` on, every nextStride bytes, is fetched on the way.
mlir::LLVM::LLVMFuncOp emitMatmulTile(KernelModule &kernels,
                                      const MatmulTile &tile);

/// Emits void widen(w, steps, out): `steps` steps of a panel of f16 or bf16,
/// from an even one on, as f32 rows of 16. Whole pairs are written.
mlir::LLVM::LLVMFuncOp emitWidenPanel(KernelModule &kernels, mlir::Type weight);

} // namespace llmc

#endif
