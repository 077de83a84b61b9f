// SPDX-License-Identifier: Apache-2.0
// Reading quantized weights as they are packed: q is [ceil(N / 16)]
// [ceil(K / chunk)][16][4 bytes], where byte j of a column holds rows j, j + 4,
// ... of the chunk from its low bits on; of 3 bits a chunk is 32 rows behind
// each other, in 3 words: [ceil(N / 16)][ceil(K / 32)][3][16][4 bytes]. Scales
// and zeros are [ceil(N / 16)][ceil(K / group)][16]. A weight is (q - zero) *
// scale in f32, or codebook[q] * scale; q may be floats of 8 bits.
#ifndef LLMC_CODEGEN_CPU_KERNELS_QUANT_H
#define LLMC_CODEGEN_CPU_KERNELS_QUANT_H

#include "codegen/cpu/KernelBuilder.h"

namespace llmc {

struct QuantizedFormat {
  unsigned bits = 0; ///< 2, 3, 4 or 8; 0: not quantized, panels of f32
  bool isSigned = false;
  int64_t k = 0, group = 0; ///< rows, and rows that share a scale
  mlir::FloatType floats;   ///< what q of 8 bits are, or null: integers
  mlir::Type scale;         ///< f32, f16, bf16 or f8E8M0FNU
  mlir::Type zeros;         ///< i8 (signed as q is), a float, or null: `zero`
  int64_t zero = 0;
  llvm::SmallVector<float> codebook; ///< of unsigned q of 4 bits, or empty

  explicit operator bool() const { return bits != 0; }
  /// Rows that lie together, and the words that these are of a column.
  int64_t chunk() const { return bits == 3 ? 32 : 32 / bits; }
  int64_t chunkWords() const { return bits == 3 ? 3 : 1; }
  int64_t chunks() const { return (k + chunk() - 1) / chunk(); }
  int64_t panelWords() const { return chunks() * chunkWords() * panelColumns; }
  int64_t groups() const { return (k + group - 1) / group; }
  std::string key() const;
};

/// The weight of one row and column, f32.
mlir::Value emitQuantizedElement(CodeBuilder &k, const QuantizedFormat &format,
                                 mlir::Value q, mlir::Value scales,
                                 mlir::Value zeros, mlir::Value row,
                                 mlir::Value column);

/// Emits void unpack(q, scales, zeros, first, steps, out): rows [first, first +
/// steps) of one panel, to whose first bytes the pointers point, as f32 rows of
/// 16. `first` is a multiple of the chunk; whole chunks are written.
mlir::LLVM::LLVMFuncOp emitUnpackPanel(KernelModule &kernels,
                                       const QuantizedFormat &format);

/// The matrix-vector form: up to a few rows of A by `panels` panels.
struct QuantTile {
  int64_t rows, panels;
  int64_t strideSum; ///< of the sums' rows in elements
};
/// Panels that a tile of that many rows handles at once.
int64_t quantTilePanels(const CpuTarget &target, int64_t rows);
/// Emits void tile(a, lda, q, scales, zeros, first, steps, sums, accumulate):
/// emitMatmulTile's sums of what emitUnpackPanel unpacks, in the same order.
mlir::LLVM::LLVMFuncOp emitQuantTile(KernelModule &kernels,
                                     const QuantizedFormat &format,
                                     const QuantTile &tile);

// Parts of the emitters above.

/// The scales or zero points of `count` columns from element `index` on, f32:
/// scales are what emitQuantDifference is multiplied by.
mlir::Value loadQuantScales(CodeBuilder &k, const QuantizedFormat &format,
                            mlir::Value scales, mlir::Value index,
                            int64_t count);
mlir::Value loadQuantZeros(CodeBuilder &k, const QuantizedFormat &format,
                           mlir::Value zeros, mlir::Value index, int64_t count);
/// The words of a chunk for `count` columns, `offset` words behind the panel's
/// first.
llvm::SmallVector<mlir::Value> loadQuantWords(CodeBuilder &k,
                                              const QuantizedFormat &format,
                                              mlir::Value q, mlir::Value chunk,
                                              int64_t offset, int64_t count);
/// q - zero or codebook[q] of row `within` of a chunk, out of the chunk's
/// words; of floats q up to what loadQuantScales makes up for.
mlir::Value emitQuantDifference(CodeBuilder &k, const QuantizedFormat &format,
                                mlir::ValueRange words, int64_t within,
                                mlir::Value zero);

} // namespace llmc

#endif
