// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Balance.h"

#include "passes/quantize/Parallel.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#pragma STDC FP_CONTRACT OFF

namespace llmc::quantize {

static constexpr float kSmallest = 1e-4f; // of factors, and what they divide by

namespace {
/// The squared error of one column's results.
class ColumnError {
public:
  ColumnError(const WeightMatrix &weights, int64_t column,
              std::span<const float> hessian, const llm::QuantizeFormat &format)
      : weights(weights), column(column), hessian(hessian), format(format),
        k(static_cast<int64_t>(weights.values.size()) / weights.columns) {}

  double of(std::span<const float> factors) const {
    llm::GroupFit fit(format.grid);
    std::vector<float> e(k), scaled(k);
    int64_t group = format.groupOf(k);
    for (int64_t i = 0; i < k; ++i)
      scaled[i] = weights.values[i * weights.columns + column] * factors[i];
    for (int64_t at = 0; at < k; at += group) {
      auto part =
          std::span<const float>(scaled).subspan(at, std::min(group, k - at));
      llm::GridScale s = fit.fit(format.fit, part);
      for (size_t i = 0; i < part.size(); ++i)
        e[at + i] =
            (part[i] - format.grid.value(format.grid.nearest(part[i], s), s)) /
            factors[at + i];
    }
    double sum = 0;
    for (int64_t i = 0; i < k; ++i) {
      double row = 0;
      for (int64_t j = 0; j < k; ++j)
        row += static_cast<double>(hessian[i * k + j]) * e[j];
      sum += row * e[i];
    }
    return sum;
  }

private:
  const WeightMatrix &weights;
  int64_t column;
  std::span<const float> hessian;
  const llm::QuantizeFormat &format;
  int64_t k;
};

/// Columns spread over all matrices.
std::vector<ColumnError> sampled(std::span<const WeightMatrix> weights,
                                 std::span<const float> hessian,
                                 const llm::QuantizeFormat &format) {
  constexpr int64_t perMatrix = 32;
  std::vector<ColumnError> all;
  for (const WeightMatrix &w : weights) {
    int64_t count = std::min(perMatrix, w.columns);
    for (int64_t i = 0; i < count; ++i)
      all.emplace_back(w, i * w.columns / count, hessian, format);
  }
  return all;
}
} // namespace

/// With the smallest and the largest as far from 1.
static void normalize(std::vector<float> &factors) {
  auto [low, high] = std::minmax_element(factors.begin(), factors.end());
  float middle = std::sqrt(*low * *high);
  for (float &f : factors)
    f /= middle;
}

/// x^(count / 16) of roots alone, which are the same on every machine.
static double sixteenths(double x, int count) {
  double power = count == 16 ? x : 1;
  for (int part = 8; part; part /= 2) {
    x = std::sqrt(x);
    if (count & part)
      power *= x;
  }
  return power;
}

std::vector<float> awqFactors(std::span<const WeightMatrix> weights,
                              std::span<const float> hessian,
                              const llm::QuantizeFormat &format,
                              unsigned jobs) {
  constexpr int steps = 16;
  auto k = static_cast<int64_t>(std::sqrt(hessian.size()) + 0.5);
  double most = 0;
  for (int64_t i = 0; i < k; ++i)
    most = std::max<double>(most, hessian[i * k + i]);
  std::vector<float> best(k, 1);
  if (!(most > 0))
    return best;
  std::vector<ColumnError> columns = sampled(weights, hessian, format);
  auto errorOf = [&](std::span<const float> factors) {
    std::vector<double> errors(columns.size());
    parallelFor(static_cast<int64_t>(columns.size()), jobs,
                [&](int64_t i) { errors[i] = columns[i].of(factors); });
    return std::accumulate(errors.begin(), errors.end(), 0.0);
  };
  double least = errorOf(best);
  for (int step = 1; step <= steps; ++step) {
    std::vector<float> factors(k);
    for (int64_t i = 0; i < k; ++i) {
      double rms = std::sqrt(hessian[i * k + i] / most);
      factors[i] =
          std::max(static_cast<float>(sixteenths(rms, step)), kSmallest);
    }
    normalize(factors);
    if (double error = errorOf(factors); error < least)
      least = error, best = factors;
  }
  return best;
}

std::vector<float> smoothFactors(std::span<const WeightMatrix> weights,
                                 std::span<const float> largest) {
  std::vector<float> factors(largest.size());
  for (size_t i = 0; i < factors.size(); ++i) {
    float weight = 0;
    for (const WeightMatrix &w : weights)
      for (int64_t c = 0; c < w.columns; ++c)
        weight = std::max(weight, std::abs(w.values[i * w.columns + c]));
    // A channel that is always 0 stays as it is.
    factors[i] = largest[i] > 0 && weight > 0
                     ? std::sqrt(std::max(largest[i], kSmallest)) /
                           std::sqrt(std::max(weight, kSmallest))
                     : 1;
  }
  return factors;
}

} // namespace llmc::quantize
