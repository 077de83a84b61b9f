// SPDX-License-Identifier: Apache-2.0
// Weights quantized by what the model's activations are: their integers are
// computed in the pass and kept in the store.
#pragma once

#include "passes/Evaluator.h"
#include "passes/WeightStore.h"
#include "passes/quantize/Spec.h"

namespace llmc::quantize {

/// The dequantized matrix that takes the place of `matrix` [K, N]; `statistics`
/// are of its input, with the Hessian.
llm::RecipeAttr calibrated(llm::RecipeAttr matrix, const WeightType &type,
                           const passes::InputStatistics &statistics,
                           passes::WeightStore &store, unsigned jobs);

} // namespace llmc::quantize
