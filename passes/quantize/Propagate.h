// SPDX-License-Identifier: Apache-2.0
// Weights that make up for what quantization did to the layers before them.
// Pure functions; results don't depend on the number of threads.
#pragma once

#include <cstdint>
#include <span>

namespace llmc::quantize {

/// Moves W [K, N] half of the way to where the products X W are nearest to Y W
/// in least squares: W += 1/2 (H + damping)^-1 (C - H) W, for the inputs X that
/// the layers before give now, and Y that they gave as floats. `hessian` is H =
/// X^T X, `original` C = X^T Y, both [K, K]. Quantization error propagation
/// (Arai and Ichikawa, arXiv 2504.09629); samples are few, and all of the way
/// fits them more than what they stand for.
void propagateError(std::span<float> weights, std::span<const float> hessian,
                    std::span<const float> original, int64_t n, unsigned jobs);

} // namespace llmc::quantize
