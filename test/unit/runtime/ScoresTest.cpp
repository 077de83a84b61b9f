// SPDX-License-Identifier: Apache-2.0
// The best of a row of scores against a full sort, and its logarithmic sum.
#include "runtime/session/Scores.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace llmc;

static constexpr float never = -std::numeric_limits<float>::infinity();

static std::vector<TokenScore> sorted(const std::vector<float> &scores,
                                      size_t count) {
  std::vector<TokenScore> all;
  for (uint32_t i = 0; i < scores.size(); ++i)
    if (scores[i] != never)
      all.push_back({i, scores[i]});
  std::sort(all.begin(), all.end(),
            [](const TokenScore &a, const TokenScore &b) {
              return a.score != b.score ? a.score > b.score : a.token < b.token;
            });
  all.resize(std::min(all.size(), count));
  return all;
}

TEST_CASE("the best few are those of a full sort") {
  std::mt19937 random(2);
  std::vector<TokenScore> best;
  // Few different scores have many ties, rising ones pass the bar each time.
  for (int kind = 0; kind < 4; ++kind)
    for (size_t size : {1, 5, 63, 64, 65, 1000, 20000}) {
      std::vector<float> scores(size);
      for (size_t i = 0; i < size; ++i)
        scores[i] = kind == 0      ? static_cast<float>(random() % 7)
                    : kind == 1    ? static_cast<float>(i)
                    : kind == 2    ? static_cast<float>(random())
                    : random() % 3 ? never
                                   : static_cast<float>(random() % 50);
      for (size_t count : {size_t(0), size_t(1), size_t(3), size_t(40),
                           size_t(500), size, 2 * size}) {
        selectBest(scores, count, best);
        auto want = sorted(scores, count);
        CAPTURE(kind, size, count);
        REQUIRE(best.size() == want.size());
        for (size_t i = 0; i < best.size(); ++i)
          REQUIRE(best[i].token == want[i].token);
      }
    }
}

TEST_CASE("the logarithmic sum makes a log softmax") {
  // numpy: x - (m := x.max()) - log(exp(x - m).sum()) of [1, 2, 3, -inf]
  const float scores[] = {1, 2, 3, never};
  CHECK(1 - logSumExp(scores) == Approx(-2.4076059644443806));
  CHECK(3 - logSumExp(scores) == Approx(-0.4076059644443806));
  const float large[] = {1e30f, 1e30f};
  CHECK(logSumExp(large) == Approx(1e30));
  std::vector<float> many(150000, -5);
  CHECK(logSumExp(many) == Approx(-5 + std::log(150000.0)).epsilon(1e-12));
}
