// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/Correlation.h"
#include <algorithm>
#include <cmath>
#include <numeric>

namespace llmc::eval {

double cosine(std::span<const float> a, std::span<const float> b) {
  double dot = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    double x = a[i], y = b[i];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? dot / std::sqrt(aa * bb) : 0;
}

double pearson(std::span<const double> a, std::span<const double> b) {
  double n = static_cast<double>(a.size());
  double meanA = std::accumulate(a.begin(), a.end(), 0.0) / n,
         meanB = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    double x = a[i] - meanA, y = b[i] - meanB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : std::nan("");
}

std::vector<double> ranks(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::sort(order.begin(), order.end(), [&](size_t i, size_t k) {
    return values[i] != values[k] ? values[i] < values[k] : i < k;
  });
  std::vector<double> places(values.size());
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]])
      ++end;
    double shared = static_cast<double>(begin + 1 + end) / 2;
    for (size_t i = begin; i < end; ++i)
      places[order[i]] = shared;
  }
  return places;
}

double spearman(std::span<const double> a, std::span<const double> b) {
  return pearson(ranks(a), ranks(b));
}

} // namespace llmc::eval
