// SPDX-License-Identifier: Apache-2.0
// Integers of a matrix that lose little of a product's result on given inputs,
// not of the matrix itself. With W [K, N], the Hessian H = sum of x x^T over
// the inputs' rows and E = W - (Q - Z) S, what is kept small is tr(E^T H E):
// the squared error of the product. Pure functions; results don't depend on the
// number of threads.
//
// Rounding row by row, with every row's error fed forward into the rows that
// are not rounded yet, is GPTQ (Frantar et al., arXiv 2210.17323), here with
// the factors of H itself (Chee et al., arXiv 2307.13304, show that it is the
// same).
#pragma once

#include "ir/llm/Quantized.h"

#include <span>
#include <vector>

namespace llmc::quantize {

/// Integers as they are stored (signed ones as their bits) [K, N], scales and
/// zero points [groups, N].
struct IntegerMatrix {
  int64_t k = 0, n = 0, group = 0; ///< the last group of K may be shorter
  std::vector<uint8_t> q;
  std::vector<float> scales;
  std::vector<int32_t> zeros;

  IntegerMatrix() = default;
  IntegerMatrix(int64_t k, int64_t n, int64_t group)
      : k(k), n(n), group(group), q(k * n), scales((k + group - 1) / group * n),
        zeros(scales.size()) {}
};

struct GptqOptions {
  /// Rows with the largest squares first, with scales of the matrix as it is;
  /// else in order, with scales of each group as the errors before it left it.
  bool actOrder = false;
  double damping = 0.01; ///< of the Hessian's mean diagonal, added to it
  /// Sweeps over all integers and all scales behind it, each of which moves to
  /// where it is best while all others stand still.
  int descents = 0;
  unsigned jobs = 1;
};

/// `weights` [K, N] and `hessian` [K, K] are row-major.
IntegerMatrix gptq(std::span<const float> weights,
                   std::span<const float> hessian, int64_t n,
                   const llm::QuantizeFormat &format,
                   const GptqOptions &options);

/// tr(E^T H E)
double outputError(std::span<const float> weights,
                   std::span<const float> hessian, const IntegerMatrix &,
                   const llm::IntegerGrid &, unsigned jobs = 1);

} // namespace llmc::quantize
