// SPDX-License-Identifier: Apache-2.0
// The register tile of products of rounded rows by a quantized weight. Used by
// RoundedMatmul.cpp.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ROUNDEDTILE_H
#define LLMC_CODEGEN_CPU_KERNELS_ROUNDEDTILE_H

#include "codegen/cpu/kernels/Quant.h"
#include "codegen/cpu/kernels/RoundRows.h"

namespace llmc {

struct RoundedTile {
  QuantizedFormat format;
  RoundedRows layout; ///< of A
  int64_t rows, vectors;
  int64_t strideSum; ///< of the sums' rows in elements
  /// Fetches a line of what is multiplied next in each trip, since this part of
  /// the weight is in a cache; else its own lines before it needs them.
  bool ahead = false;
  /// q is what emitUnpackQuads writes.
  bool unpacked = false;

  bool unpacks() const { return format.bits < 8 && !unpacked; }
  int64_t quads() const {
    return unpacked ? 1 : 8 / format.bits;
  } ///< of a word
  /// From panel to panel, of q.
  int64_t panelWords() const {
    return format.chunks() * panelColumns * (unpacked ? 8 / format.bits : 1);
  }
  std::string key() const;
};

/// What rounded rows are like for products by a weight, `group` elements of
/// which share a scale.
RoundedRows roundedLayout(const CpuTarget &target,
                          const QuantizedFormat &format, int64_t group);
/// Whether there are tiles for it: whole chunks and groups share their scales.
bool takesRoundedRows(const QuantizedFormat &format, int64_t group);

inline constexpr int64_t roundedMostRows = 12;
/// Vectors of columns of a tile of many rows, and the most rows of a tile, 0
/// where so many vectors are too many.
int64_t roundedTileVectors(const CpuTarget &target, const RoundedRows &layout);
int64_t roundedTileRows(const CpuTarget &target, const RoundedTile &tile);

/// Emits void unpack(q, out, words): so many words of each column of a panel as
/// quads of bytes, [8 / bits * words][16].
mlir::LLVM::LLVMFuncOp emitUnpackQuads(KernelModule &kernels,
                                       const QuantizedFormat &format);

/// Lines of the weight that each trip over K of a tile reads.
int64_t roundedLines(const CpuTarget &target, const RoundedTile &tile);

/// Emits void fold(ints, scalesA, sumsA, scales, zeros, sums, rows, block):
/// rows of a block's sums without its corrections, as far apart as sums, which
/// are written or added to as a tile does it.
mlir::LLVM::LLVMFuncOp emitRoundedFold(KernelModule &kernels,
                                       const RoundedTile &tile);

/// Emits void tile(a, scalesA, sumsA, q, scales, zeros, sums[, next]): f32
/// sums[r][c] = the products of rows by columns over all of K. Columns are
/// those of neighbouring vectors, of one panel or of whole ones, to whose first
/// bytes q, scales and zeros point. With `ahead` as many lines as there are
/// trips are fetched from `next` on.
mlir::LLVM::LLVMFuncOp emitRoundedTile(KernelModule &kernels,
                                       const RoundedTile &tile);

} // namespace llmc

#endif
