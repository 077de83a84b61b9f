// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Assign.h"

#include <catch2/catch.hpp>
#include <random>

using namespace llmc::quantize;

using Options = std::vector<std::vector<TypeOption>>;

static std::pair<uint64_t, double> sumsOf(const Options &weights,
                                          const std::vector<size_t> &chosen) {
  uint64_t bits = 0;
  double loss = 0;
  for (size_t w = 0; w < weights.size(); ++w)
    bits += weights[w][chosen[w]].bits, loss += weights[w][chosen[w]].loss;
  return {bits, loss};
}

TEST_CASE("Bits go where they save most") {
  Options weights = {{{4, 10}, {8, 1}}, {{4, 3}, {8, 1}}, {{4, 4}, {8, 4}}};
  using Chosen = std::vector<size_t>;
  CHECK(assignTypes(weights, 12) == Chosen{0, 0, 0});
  CHECK(assignTypes(weights, 16) == Chosen{1, 0, 0});
  CHECK(assignTypes(weights, 20) == Chosen{1, 1, 0});
  CHECK(assignTypes(weights, 99) == Chosen{1, 1, 0}); // nothing to gain
  CHECK(!assignTypes(weights, 11));
  // An option above the line between two others is never taken.
  CHECK(assignTypes({{{2, 10}, {3, 9}, {4, 1}}}, 3) == Chosen{0});
  CHECK(assignTypes({{{2, 10}, {3, 4}, {4, 1}}}, 3) == Chosen{1});
}

TEST_CASE("Close to the best of all assignments") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Options weights(5);
    uint64_t fewest = 0, most = 0;
    for (auto &options : weights) {
      uint64_t size = 1 + random() % 8;
      double loss = 1 + random() % 100;
      for (uint64_t bits : {2, 4, 8})
        options.push_back({size * bits, loss / static_cast<double>(bits)});
      fewest += options.front().bits, most += options.back().bits;
    }
    uint64_t budget = fewest + random() % (most - fewest + 1);
    auto chosen = assignTypes(weights, budget);
    REQUIRE(chosen);
    auto [bits, loss] = sumsOf(weights, *chosen);
    CHECK(bits <= budget);
    double best = loss, worst = 0;
    std::vector<size_t> all(5);
    for (int code = 0; code < 243; ++code) {
      for (int w = 0, rest = code; w < 5; ++w, rest /= 3)
        all[w] = rest % 3;
      auto [otherBits, otherLoss] = sumsOf(weights, all);
      if (otherBits <= budget)
        best = std::min(best, otherLoss);
      worst = std::max(worst, otherLoss);
    }
    CHECK(loss - best <= 0.2 * (worst - best) + 1e-9);
  }
}
