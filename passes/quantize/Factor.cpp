// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Factor.h"

#include "ir/llm/Wide.h"
#include "passes/quantize/Parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#pragma STDC FP_CONTRACT OFF

namespace llmc::quantize {

/// Columns that are factored before what lies behind them is brought up to
/// date; rows of that which a thread works on at once; and columns of it that
/// stay in registers, for a few rows.
static constexpr int64_t kBlock = 64, kStrip = 64, kTile = 8, kTileRows = 4;

/// The block's columns of what is below it, kTile rows beside each other:
/// [rows / kTile][kBlock][kTile].
using Turned = std::vector<std::array<std::array<double, kTile>, kBlock>>;

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

/// Rows [begin, end) below the block [first, last): x L^T = row.
LLMC_WIDE static void solveStrip(double *a, Turned &turned, int64_t k,
                                 int64_t begin, int64_t end, int64_t first,
                                 int64_t last) {
  for (int64_t row = begin; row < end; row += kTile) {
    auto &tile = turned[(row - last) / kTile];
    int64_t rows = std::min(kTile, end - row);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t p = first; p < last; ++p)
        tile[p - first][r] = a[(row + r) * k + p];
    for (int64_t j = first; j < last; ++j) {
      std::array<double, kTile> x = tile[j - first];
      double diagonal = a[j * k + j];
      for (int64_t p = first; p < j; ++p)
        for (int64_t r = 0; r < kTile; ++r)
          x[r] -= tile[p - first][r] * a[j * k + p];
      for (int64_t r = 0; r < kTile; ++r)
        x[r] /= diagonal;
      tile[j - first] = x;
    }
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t p = first; p < last; ++p)
        a[(row + r) * k + p] = tile[p - first][r];
  }
}

/// Numbers beside each other, which compilers else shuffle.
using Lanes = double __attribute__((vector_size(32)));
static constexpr int64_t kLanes = sizeof(Lanes) / sizeof(double);

/// What rows [row, row + rows) lose in columns [at, at + count).
LLMC_WIDE static void updateTile(double *a, const Turned &turned, int64_t k,
                                 int64_t row, int64_t rows, int64_t at,
                                 int64_t count, int64_t first, int64_t last) {
  constexpr int64_t vectors = kTile / kLanes;
  double tile[kTileRows][kTile] = {};
  const double *factors[kTileRows]; // the last row again where none is left
  for (int64_t r = 0; r < kTileRows; ++r) {
    const double *from = a + (row + std::min(r, rows - 1)) * k;
    std::copy_n(from + at, count, tile[r]);
    factors[r] = from + first;
  }
  Lanes sums[kTileRows][vectors];
  std::memcpy(sums, tile, sizeof(sums));
  const double *step = turned[(at - last) / kTile].front().data();
  for (int64_t p = 0; p < last - first; ++p, step += kTile) {
    Lanes known[vectors];
    std::memcpy(known, step, sizeof(known));
    for (int64_t r = 0; r < kTileRows; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        sums[r][v] -= factors[r][p] * known[v];
  }
  std::memcpy(tile, sums, sizeof(sums));
  for (int64_t r = 0; r < rows; ++r)
    std::copy_n(tile[r], count, a + (row + r) * k + at);
}

/// What rows [begin, end) lose behind the block, up to their diagonal and a
/// little beyond; tiles of some columns, which a cache keeps, for all rows.
static void updateStrip(double *a, const Turned &turned, int64_t k,
                        int64_t begin, int64_t end, int64_t first,
                        int64_t last) {
  constexpr int64_t columns = 8 * kTile;
  for (int64_t left = last; left < end; left += columns)
    for (int64_t row = std::max(begin, left); row < end; row += kTileRows)
      for (int64_t at = left; at < std::min(left + columns, row + kTileRows);
           at += kTile)
        updateTile(a, turned, k, row, std::min(kTileRows, end - row), at,
                   std::min(kTile, k - at), first, last);
}

/// f(begin, end) of the strips of [from, to).
template <class F>
static void forStrips(int64_t from, int64_t to, unsigned jobs, F f) {
  parallelFor((to - from + kStrip - 1) / kStrip, jobs, [&](int64_t i) {
    int64_t begin = from + i * kStrip;
    f(begin, std::min(begin + kStrip, to));
  });
}

bool choleskyLower(std::vector<double> &matrix, int64_t k, unsigned jobs) {
  double *a = matrix.data();
  Turned turned((k + kTile - 1) / kTile);
  for (int64_t first = 0; first < k; first += kBlock) {
    int64_t last = std::min(first + kBlock, k);
    if (!factorBlock(a, k, first, last))
      return false;
    forStrips(last, k, jobs, [&](int64_t begin, int64_t end) {
      solveStrip(a, turned, k, begin, end, first, last);
    });
    forStrips(last, k, jobs, [&](int64_t begin, int64_t end) {
      updateStrip(a, turned, k, begin, end, first, last);
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

Feedback feedbackOf(std::span<const float> hessian, int64_t k, double damping,
                    unsigned jobs) {
  double mean = meanDiagonal(hessian, k);
  if (!(mean > 0))
    mean = 1;
  // The upper factor is the lower one of the matrix read from its end.
  std::vector<double> a(k * k);
  constexpr double useless = 1e6; // the Hessian is no sum of squares
  for (bool done = false; !done; damping *= 10) {
    parallelFor(k, jobs, [&](int64_t i) {
      for (int64_t j = 0; j <= i; ++j)
        a[i * k + j] =
            damping > useless ? 0 : hessian[(k - 1 - i) * k + (k - 1 - j)];
      a[i * k + i] += damping * mean;
    });
    done = choleskyLower(a, k, jobs);
  }
  Feedback f;
  f.rows.resize(k * k), f.cost.resize(k);
  // Column i of the factor is row k - 1 - i.
  forStrips(0, k, jobs, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      f.cost[k - 1 - i] = static_cast<float>(a[i * k + i] * a[i * k + i]);
    for (int64_t j = begin; j < k; ++j)
      for (int64_t i = begin; i < std::min(j, end); ++i)
        f.rows[(k - 1 - i) * k + (k - 1 - j)] =
            static_cast<float>(a[j * k + i] / a[i * k + i]);
  });
  return f;
}

} // namespace llmc::quantize
