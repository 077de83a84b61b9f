// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Propagate.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

using namespace llmc::quantize;

namespace {
/// Inputs X, their squares H, and what is there in their place, Y = X M.
struct Drawn {
  int64_t k = 40, n = 21;
  std::vector<float> hessian, original, m, weights;

  explicit Drawn(float change)
      : hessian(k * k), original(k * k), m(k * k), weights(k * n) {
    std::mt19937 random(3);
    auto next = [&] {
      return static_cast<float>(random() & 0xffff) / 32768 - 1;
    };
    for (float &w : weights)
      w = next();
    for (int64_t i = 0; i < k; ++i)
      for (int64_t j = 0; j < k; ++j)
        m[i * k + j] = static_cast<float>(i == j) + change * next();
    std::vector<float> x(k);
    for (int row = 0; row < 400; ++row) {
      for (float &v : x)
        v = next();
      for (int64_t i = 0; i < k; ++i)
        for (int64_t j = 0; j < k; ++j)
          hessian[i * k + j] += x[i] * x[j];
    }
    original = times(hessian, m, k);
  }

  /// [k, k] x [k, columns]
  std::vector<float> times(const std::vector<float> &a,
                           const std::vector<float> &b, int64_t columns) const {
    std::vector<float> out(k * columns);
    for (int64_t i = 0; i < k; ++i)
      for (int64_t c = 0; c < columns; ++c) {
        double sum = 0;
        for (int64_t j = 0; j < k; ++j)
          sum += static_cast<double>(a[i * k + j]) * b[j * columns + c];
        out[i * columns + c] = static_cast<float>(sum);
      }
    return out;
  }
};
} // namespace

TEST_CASE("Weights move half of the way to what gives the float products") {
  Drawn d(0.1f);
  std::vector<float> best = d.times(d.m, d.weights, d.n), moved = d.weights;
  propagateError(moved, d.hessian, d.original, d.n, 1);
  double off = 0, way = 0; // damping leaves it a little short
  for (size_t i = 0; i < moved.size(); ++i) {
    double half = (best[i] - d.weights[i]) / 2.0;
    off += std::pow(moved[i] - d.weights[i] - half, 2), way += half * half;
  }
  CHECK(std::sqrt(off / way) < 0.03);
  std::vector<float> again = d.weights;
  propagateError(again, d.hessian, d.original, d.n, 3);
  CHECK(again == moved);
}

TEST_CASE("Weights behind layers that stayed what they were stay, too") {
  Drawn d(0);
  std::vector<float> moved = d.weights;
  propagateError(moved, d.hessian, d.hessian, d.n, 1);
  CHECK(moved == d.weights);
  std::vector<float> none(d.hessian.size());
  propagateError(moved, none, none, d.n, 1);
  CHECK(moved == d.weights);
}
