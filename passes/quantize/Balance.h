// SPDX-License-Identifier: Apache-2.0
// Factors for the channels of a product's input, by which its weight's rows are
// multiplied and the input is divided: the product stays what it is, and its
// rounding loses less. Pure functions; results don't depend on the number of
// threads.
#pragma once

#include "ir/llm/Quantized.h"

#include <span>
#include <vector>

namespace llmc::quantize {

/// A matrix [K, columns] of floats, row-major.
struct WeightMatrix {
  std::vector<float> values;
  int64_t columns;
};

/// rms^a of the channels for the a (0, 1/16, ... 1) that makes the squared
/// error of the products' results least, as AWQ does (Lin et al., arXiv
/// 2306.00978): channels with large inputs get finer steps. `hessian` [K, K] is
/// the sum of x x^T; every matrix is judged by some of its columns. All 1 where
/// nothing is gained.
std::vector<float> awqFactors(std::span<const WeightMatrix> weights,
                              std::span<const float> hessian,
                              const llm::QuantizeFormat &format, unsigned jobs);

/// sqrt(max |x| / max |w|) of every channel, as SmoothQuant does at its middle
/// strength (Xiao et al., arXiv 2211.10438): what is hard to round about the
/// inputs moves into the weights. `largest` [K]: of the inputs.
std::vector<float> smoothFactors(std::span<const WeightMatrix> weights,
                                 std::span<const float> largest);

} // namespace llmc::quantize
