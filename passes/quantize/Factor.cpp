// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Factor.h"

#include "passes/quantize/Parallel.h"

#include <algorithm>
#include <cmath>

#pragma STDC FP_CONTRACT OFF

namespace llmc::quantize {

static constexpr int64_t kBlock = 64, kTile = 16;

/// The block at (first, first) by itself.
static bool factorBlock(double *a, int64_t k, int64_t first, int64_t last) {
  for (int64_t i = first; i < last; ++i)
    for (int64_t j = first; j <= i; ++j) {
      double sum = a[i * k + j];
      for (int64_t p = first; p < j; ++p)
        sum -= a[i * k + p] * a[j * k + p];
      if (i != j)
        a[i * k + j] = sum / a[j * k + j];
      else if (sum > 0 && std::isfinite(sum))
        a[i * k + i] = std::sqrt(sum);
      else
        return false;
    }
  return true;
}

/// A row below the block: x L^T = row.
static void solveRow(double *a, int64_t k, int64_t row, int64_t first,
                     int64_t last) {
  for (int64_t j = first; j < last; ++j) {
    double sum = a[row * k + j];
    for (int64_t p = first; p < j; ++p)
      sum -= a[row * k + p] * a[j * k + p];
    a[row * k + j] = sum / a[j * k + j];
  }
}

/// What a row loses behind the block; `turned` is the block's columns [block,
/// k].
static void updateRow(double *a, const double *turned, int64_t k, int64_t row,
                      int64_t first, int64_t last) {
  for (int64_t at = last; at <= row; at += kTile) {
    double sums[kTile];
    int64_t count = std::min(kTile, k - at);
    for (int64_t c = 0; c < kTile; ++c)
      sums[c] = c < count ? a[row * k + at + c] : 0;
    for (int64_t p = first; p < last; ++p) {
      double factor = a[row * k + p];
      const double *from = turned + (p - first) * (k + kTile) + at;
      for (int64_t c = 0; c < kTile; ++c)
        sums[c] -= factor * from[c];
    }
    std::copy_n(sums, count, a + row * k + at);
  }
}

bool choleskyLower(std::vector<double> &matrix, int64_t k, unsigned jobs) {
  double *a = matrix.data();
  std::vector<double> turned(kBlock * (k + kTile));
  for (int64_t first = 0; first < k; first += kBlock) {
    int64_t last = std::min(first + kBlock, k);
    if (!factorBlock(a, k, first, last))
      return false;
    parallelFor(k - last, jobs,
                [&](int64_t i) { solveRow(a, k, last + i, first, last); });
    for (int64_t row = last; row < k; ++row)
      for (int64_t p = first; p < last; ++p)
        turned[(p - first) * (k + kTile) + row] = a[row * k + p];
    parallelFor(k - last, jobs, [&](int64_t i) {
      updateRow(a, turned.data(), k, last + i, first, last);
    });
  }
  return true;
}

double meanDiagonal(std::span<const float> hessian, int64_t k) {
  double mean = 0;
  for (int64_t i = 0; i < k; ++i)
    mean += hessian[i * k + i] / static_cast<double>(k);
  return mean;
}

Feedback feedbackOf(std::span<const float> hessian,
                    std::span<const int32_t> order, double damping,
                    unsigned jobs) {
  auto k = static_cast<int64_t>(order.size());
  double mean = meanDiagonal(hessian, k);
  if (!(mean > 0))
    mean = 1;
  // The upper factor is the lower one of the matrix read from its end.
  std::vector<double> a(k * k);
  auto original = [&](int64_t i) { return order[k - 1 - i]; };
  constexpr double useless = 1e6; // the Hessian is no sum of squares
  for (bool done = false; !done; damping *= 10) {
    for (int64_t i = 0; i < k; ++i) {
      for (int64_t j = 0; j <= i; ++j)
        a[i * k + j] = damping > useless
                           ? 0
                           : hessian[int64_t(original(i)) * k + original(j)];
      a[i * k + i] += damping * mean;
    }
    done = choleskyLower(a, k, jobs);
  }
  Feedback f;
  f.rows.resize(k * k), f.cost.resize(k);
  for (int64_t i = 0; i < k; ++i) { // row k - 1 - i
    double diagonal = a[i * k + i];
    f.cost[k - 1 - i] = static_cast<float>(diagonal * diagonal);
    for (int64_t j = i + 1; j < k; ++j)
      f.rows[(k - 1 - i) * k + (k - 1 - j)] =
          static_cast<float>(a[j * k + i] / diagonal);
  }
  return f;
}

} // namespace llmc::quantize
