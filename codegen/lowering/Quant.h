// SPDX-License-Identifier: Apache-2.0
// A stored matrix as kernels read it: packed f32 panels, or a quantized matrix
// with its scales. Used by the lowerings of products and embeddings.
#pragma once

#include "codegen/cpu/kernels/Quant.h"
#include "codegen/lowering/EntryLowering.h"
#include "ir/llm/QuantOps.h"

namespace llmc {

class PlainBody;

struct StoredMatrix {
  MemTensor weight;        ///< [K, N]: panels, or packed q
  MemTensor scales, zeros; ///< of a quantized matrix; zeros may be absent
  QuantizedFormat format;  ///< false: panels of the weight's own type
};

void addQuantLowerings(LoweringTable &);
void addRoundingLowerings(LoweringTable &);      // Rounding.cpp
void addIntegerMatmulLowerings(LoweringTable &); // IntegerMatmul.cpp

/// The packed weight [K, N] of a recipe.
StoredMatrix storedMatrix(EntryLowering &, llm::RecipeAttr recipe);
/// The id of integers [K, N] of 2, 4 or 8 bits, packed in panels of 16 columns
/// (codegen/cpu/kernels/Quant.h).
int64_t packedIntegers(EntryLowering &, llm::RecipeAttr q);
/// The id of scales or zero points [K / group, N]: [ceil(N/16)][K / group][16],
/// whatever their type is.
int64_t packedScales(EntryLowering &, llm::RecipeAttr scales);

/// An element of 16 bits or less as i32 (an i32 as it is), a float as f32.
mlir::Value loadWide(PlainBody &, unsigned tensor, mlir::ValueRange at);
/// The quotient x / scale as an integer of type `to`, in i32, or as the bits of
/// a small float.
mlir::Value quantized(CodeBuilder &, mlir::Value quotient, mlir::Value zero,
                      mlir::Type to, bool saturate = true);

} // namespace llmc
