// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Propagate.h"

#include "ir/llm/Wide.h"
#include "passes/quantize/Factor.h"
#include "passes/quantize/Parallel.h"

#include <algorithm>
#include <array>

#pragma STDC FP_CONTRACT OFF

namespace llmc::quantize {
namespace {

constexpr int64_t kColumns = 16;
constexpr double kDamping = 0.01; // of the mean diagonal
constexpr double kStrength = 0.5;
using Row = std::array<double, kColumns>;

/// x L^T L = right, for the lower factor of a matrix, in place.
LLMC_WIDE void solve(const std::vector<double> &factor, std::vector<Row> &x) {
  auto k = static_cast<int64_t>(x.size());
  auto subtract = [&](Row &from, double by, const Row &row) {
    for (int64_t c = 0; c < kColumns; ++c)
      from[c] -= by * row[c];
  };
  auto divide = [&](Row &row, double by) {
    for (double &v : row)
      v /= by;
  };
  for (int64_t i = 0; i < k; ++i) {
    for (int64_t j = 0; j < i; ++j)
      subtract(x[i], factor[i * k + j], x[j]);
    divide(x[i], factor[i * k + i]);
  }
  for (int64_t i = k - 1; i >= 0; --i) {
    divide(x[i], factor[i * k + i]);
    for (int64_t j = 0; j < i; ++j)
      subtract(x[j], factor[i * k + j], x[i]);
  }
}

} // namespace

void propagateError(std::span<float> weights, std::span<const float> hessian,
                    std::span<const float> original, int64_t n, unsigned jobs) {
  auto k = static_cast<int64_t>(weights.size()) / n;
  double mean = meanDiagonal(hessian, k);
  if (!(mean > 0))
    return; // nothing comes in
  std::vector<double> factor(hessian.begin(), hessian.end());
  for (int64_t i = 0; i < k; ++i)
    factor[i * k + i] += kDamping * mean;
  if (!choleskyLower(factor, k, jobs))
    return;
  parallelFor((n + kColumns - 1) / kColumns, jobs, [&](int64_t panel) {
    int64_t first = panel * kColumns, count = std::min(kColumns, n - first);
    std::vector<Row> x(k);
    for (int64_t i = 0; i < k; ++i) {
      x[i].fill(0);
      for (int64_t j = 0; j < k; ++j) {
        double missing = static_cast<double>(original[i * k + j]) -
                         static_cast<double>(hessian[i * k + j]);
        for (int64_t c = 0; c < count; ++c)
          x[i][c] += missing * weights[j * n + first + c];
      }
    }
    solve(factor, x);
    for (int64_t i = 0; i < k; ++i)
      for (int64_t c = 0; c < count; ++c)
        weights[i * n + first + c] += static_cast<float>(kStrength * x[i][c]);
  });
}

} // namespace llmc::quantize
