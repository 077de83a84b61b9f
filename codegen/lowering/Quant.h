// SPDX-License-Identifier: Apache-2.0
// A stored matrix as kernels read it: packed f32 panels, or a quantized matrix
// with its scales. Used by the lowerings of products and embeddings.
#pragma once

#include "codegen/cpu/kernels/Quant.h"
#include "codegen/lowering/EntryLowering.h"
#include "ir/llm/QuantOps.h"

namespace llmc {

struct StoredMatrix {
  MemTensor weight;        ///< [K, N]: panels, or packed q
  MemTensor scales, zeros; ///< of a quantized matrix; zeros may be absent
  QuantizedFormat format;  ///< false: panels of the weight's own type
};

void addQuantLowerings(LoweringTable &);

/// The packed weight [K, N] of a recipe.
StoredMatrix storedMatrix(EntryLowering &, llm::RecipeAttr recipe);

} // namespace llmc
