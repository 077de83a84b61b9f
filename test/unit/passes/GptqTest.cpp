// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Gptq.h"
#include "passes/quantize/Factor.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace llmc;
using namespace llmc::quantize;

namespace {
/// Correlated inputs, and a matrix to multiply them by.
struct Drawn {
  int64_t k, n;
  std::vector<float> weights, hessian;
};
} // namespace

static Drawn drawn(int64_t k, int64_t n, uint32_t seed) {
  std::mt19937 random(seed);
  auto next = [&] { return static_cast<float>(random() & 0xffff) / 32768 - 1; };
  Drawn d{k, n, std::vector<float>(k * n), std::vector<float>(k * k)};
  for (float &w : d.weights)
    w = next();
  std::vector<float> x(k);
  for (int row = 0; row < 300; ++row) {
    float common = next();
    for (int64_t i = 0; i < k; ++i)
      x[i] = next() + common * (i % 3 == 0 ? 2.0f : 0.3f) + 0.2f;
    for (int64_t i = 0; i < k; ++i)
      for (int64_t j = 0; j < k; ++j)
        d.hessian[i * k + j] += x[i] * x[j];
  }
  return d;
}

TEST_CASE("Factors give the Hessian back") {
  int64_t k = 150;
  Drawn d = drawn(k, 1, 1);
  for (unsigned jobs : {1u, 3u}) {
    Feedback f = feedbackOf(d.hessian, k, 0, jobs);
    auto v = [&](int64_t i, int64_t j) { // V[i, j]
      return i == j ? 1.0 : i < j ? f.rows[j * k + i] : 0.0;
    };
    double worst = 0;
    for (int64_t i = 0; i < k; i += 11)
      for (int64_t j = 0; j < k; j += 7) {
        double sum = 0;
        for (int64_t p = 0; p < k; ++p)
          sum += v(i, p) * f.cost[p] * v(j, p);
        double want = d.hessian[i * k + j];
        worst = std::max(worst, std::abs(sum - want) / std::abs(want + 1));
      }
    CHECK(worst < 1e-4);
  }
}

TEST_CASE("A Hessian that is none is damped until it is one") {
  std::vector<float> singular(9, 1), none(9, 0), negative(9, -1);
  for (const auto &h : {singular, none, negative}) {
    Feedback f = feedbackOf(h, 3, 0.01, 1);
    for (float cost : f.cost)
      CHECK(cost > 0);
  }
}

TEST_CASE("Each step loses less than the one before") {
  for (bool symmetric : {true, false})
    for (int64_t group : {32, 0}) {
      Drawn d = drawn(100, 37, 5); // the last group is shorter
      llm::QuantizeFormat format{
          {4, symmetric, llm::ScaleType::F16}, group, llm::Fit::Range};
      auto error = [&](const IntegerMatrix &m) {
        return outputError(d.weights, d.hessian, m, format.grid);
      };
      // Without feedback: as if inputs were independent.
      std::vector<float> identity(100 * 100, 0);
      for (int i = 0; i < 100; ++i)
        identity[i * 101] = 1;
      double nearest =
          error(gptq(d.weights, identity, d.n, format, {.damping = 0}));
      double fed = error(gptq(d.weights, d.hessian, d.n, format, {}));
      double ordered =
          error(gptq(d.weights, d.hessian, d.n, format, {.actOrder = true}));
      format.fit = llm::Fit::LeastError;
      double fitted = error(gptq(d.weights, d.hessian, d.n, format, {}));
      double descended =
          error(gptq(d.weights, d.hessian, d.n, format, {.descents = 3}));
      double both = error(gptq(d.weights, d.hessian, d.n, format,
                               {.actOrder = true, .descents = 3}));
      CHECK(fed < 0.8 * nearest);
      CHECK(ordered < 0.8 * nearest);
      CHECK(fitted < fed);
      CHECK(descended < fitted);
      CHECK(both < ordered);
    }
}

TEST_CASE("Threads change nothing") {
  Drawn d = drawn(130, 50, 9);
  llm::QuantizeFormat format{
      {4, false, llm::ScaleType::F16}, 32, llm::Fit::LeastError};
  IntegerMatrix one = gptq(d.weights, d.hessian, d.n, format, {.descents = 2});
  IntegerMatrix two =
      gptq(d.weights, d.hessian, d.n, format, {.descents = 2, .jobs = 3});
  CHECK(one.q == two.q);
  CHECK(one.scales == two.scales);
  CHECK(one.zeros == two.zeros);
}

TEST_CASE("Signed bytes, rows without inputs and columns of zeros") {
  Drawn d = drawn(40, 3, 2);
  for (int i = 0; i < 40; ++i) {
    d.hessian[7 * 40 + i] = d.hessian[i * 40 + 7] = 0;
    d.weights[i * 3 + 1] = 0;
  }
  llm::QuantizeFormat format{
      {8, true, llm::ScaleType::F32}, 0, llm::Fit::LeastError};
  IntegerMatrix m = gptq(d.weights, d.hessian, 3, format, {.descents = 2});
  for (int64_t i = 0; i < 40; ++i) {
    CHECK(m.q[i * 3 + 1] == 0);
    float value = static_cast<int8_t>(m.q[i * 3]) * m.scales[0];
    CHECK(std::abs(value - d.weights[i * 3]) < 0.1f);
  }
}
