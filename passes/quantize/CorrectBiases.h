// SPDX-License-Identifier: Apache-2.0
// Biases that make up for what rounding weights does to a product's mean
// (Finkelstein et al., arXiv 1906.03193; Nagel et al., arXiv 1906.04721).
#pragma once

#include "passes/Evaluator.h"
#include "passes/quantize/Products.h"

namespace llmc::quantize {

/// Whether a product's biases are stored, or it has none: others stay.
bool hasStoredBiases(const Product &product);

/// Adds mean(x)^T (before - now) to the product's bias of each weight, where
/// `before` are its weights as they were and `statistics` those of its input.
void correctBiases(const Product &product,
                   llvm::ArrayRef<llm::RecipeAttr> before,
                   const passes::InputStatistics &statistics,
                   passes::WeightStore &store);

} // namespace llmc::quantize
