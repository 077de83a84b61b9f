// SPDX-License-Identifier: Apache-2.0
// The factors of a Hessian that rounding with feedback needs: H = V D V^T with
// V unit upper triangular, so that the squared error e^T H e of a column is the
// sum of D[k] * (e[k] + sum of V[j, k] e[j], j < k)^2. Pure functions; results
// don't depend on the number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace llmc::quantize {

/// A[k, k] = L L^T in place, row-major, of its lower triangle; what is above
/// the diagonal is not read. False where A is not positive definite.
bool choleskyLower(std::vector<double> &a, int64_t k, unsigned jobs);

/// What damping is in proportion to. 0: nothing comes in.
double meanDiagonal(std::span<const float> hessian, int64_t k);

struct Feedback {
  std::vector<float> rows; ///< [k, k]: rows[k * K + j] = V[j, k] for j < k
  std::vector<float> cost; ///< [k]: D
};
/// Of H [K, K] with `damping` times its mean diagonal added; more where that is
/// not enough.
Feedback feedbackOf(std::span<const float> hessian, int64_t k, double damping,
                    unsigned jobs);

} // namespace llmc::quantize
