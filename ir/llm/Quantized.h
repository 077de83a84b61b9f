// SPDX-License-Identifier: Apache-2.0
// Recipes of quantized weights: how integers are unpacked, and matrices that
// kernels dequantize while they read them. Pure functions.
//
// Kinds of recipes beside those that llm.weight's attribute lists: "unpack",
// "take" (axis, which), "broadcast", "dequantize" (blocks, and codebook where q
// are places in one), "quantize" (part, bits, group, symmetric, scale, fit,
// codes), and the layout "quant16" of "pack" (codegen/cpu/kernels/Quant.h).
#pragma once

#include "ir/llm/IntegerGrid.h"
#include "ir/llm/Weights.h"

namespace llmc::llm {

/// Bytes as the integers that are packed in them, low bits first: the last dim
/// becomes 8 / width times as long.
RecipeAttr unpackRecipe(RecipeAttr bytes, mlir::Type element);
/// Slices along an axis, in this order.
RecipeAttr takeRecipe(RecipeAttr, int64_t axis, llvm::ArrayRef<int64_t> which);
/// Dims of 1 repeated.
RecipeAttr broadcastRecipe(RecipeAttr, llvm::ArrayRef<int64_t> dims);
/// (q - zeros) * scales as floats. Scales and zeros (null: 0) have q's rank and
/// one element for every block of q: blocks[i] elements along dim i.
RecipeAttr dequantizeRecipe(RecipeAttr q, RecipeAttr scales, RecipeAttr zeros,
                            llvm::ArrayRef<int64_t> blocks, mlir::Type element);
/// The same of codebook[q] * scales: q are unsigned, of 4 bits.
RecipeAttr codebookRecipe(RecipeAttr q, RecipeAttr scales,
                          mlir::DenseF32ArrayAttr codebook,
                          llvm::ArrayRef<int64_t> blocks, mlir::Type element);

/// One of them, as the grid's numbers are.
RecipeAttr dequantizeRecipe(RecipeAttr q, RecipeAttr scales, RecipeAttr zeros,
                            const IntegerGrid &grid,
                            llvm::ArrayRef<int64_t> blocks, mlir::Type element);
/// The numbers of codes of 4 bits.
mlir::DenseF32ArrayAttr codebookAttr(mlir::MLIRContext *, Codes);

/// How a matrix [K, N] of floats becomes integers or codes: `group` rows of a
/// column share a scale and a zero point, the last group may have fewer.
struct QuantizeFormat {
  IntegerGrid grid;
  int64_t group = 0; ///< 0: all of K
  Fit fit = Fit::Range;

  int64_t groupOf(int64_t k) const { return group ? std::min(group, k) : k; }
  bool operator==(const QuantizeFormat &) const = default;
};
/// The matrix quantized and dequantized again: its integers, scales and zero
/// points are recipes of kind "quantize", computed of the matrix when they are
/// evaluated; codes likewise. `importance` [K], f32, or null: what squared
/// errors of a row count.
RecipeAttr quantizeRecipe(RecipeAttr matrix, RecipeAttr importance,
                          const QuantizeFormat &format);
/// What of a matrix a recipe of kind "quantize" is.
enum class QuantizedPart { Integers, Scales, Zeros };
QuantizedPart quantizedPart(RecipeAttr);
QuantizeFormat quantizeFormat(RecipeAttr);

/// The element types of integers (and zero points) or codes, and of scales.
mlir::Type integerType(mlir::MLIRContext *, const IntegerGrid &);
mlir::Type scaleElement(mlir::MLIRContext *, ScaleType);
/// The zero point of all groups of a symmetric grid; null: 0.
RecipeAttr middleZeros(mlir::MLIRContext *, const IntegerGrid &);

/// A dequantized matrix [K, N] that kernels read as it is stored: q of 2, 3, 4
/// or 8 bits, scales and zeros [ceil(K / group), N]. Zeros are integers of q's
/// type, or floats. q may be f8E4M3FN or f8E5M2, without zeros.
struct QuantizedMatrix {
  RecipeAttr q, scales, zeros;
  int64_t group;
  int64_t zero = 0; ///< of all groups, where there are no zeros
  mlir::DenseF32ArrayAttr codebook = {}; ///< what q stand for, or null
};
/// Nothing where the recipe is no such matrix; a group must be a whole number
/// of `quantizedChunk` rows, unless it is all of K.
std::optional<QuantizedMatrix> quantizedMatrix(RecipeAttr);
/// Matrices with equal keys stay quantized when they are put beside each other;
/// null for matrices that are not quantized.
mlir::Attribute quantizationKey(RecipeAttr);
/// Bits that a quantized matrix is stored in, scales and zero points included.
uint64_t storedBits(const QuantizedMatrix &);
/// Rows of K that lie together in a packed panel of q, in words of 32 bits of
/// every column.
int64_t quantizedChunk(mlir::Type q);
int64_t quantizedWords(mlir::Type q);

} // namespace llmc::llm
