// SPDX-License-Identifier: Apache-2.0
// The choice of tokens: what may be drawn and how often.
#include "runtime/session/Sampler.h"
#include "runtime/session/Philox.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>

using namespace llmc;

static constexpr float never = -std::numeric_limits<float>::infinity();

static GenerateOptions completed(const GenerateOptions &options) {
  auto all = complete(options, {}, 1);
  REQUIRE(all);
  return *all;
}

/// How often each token is drawn.
static std::vector<int> counts(const GenerateOptions &options,
                               const std::vector<float> &logits, int draws) {
  GenerateOptions all = completed(options);
  Sampler sampler(all);
  std::vector<int> count(logits.size());
  for (int i = 0; i < draws; ++i)
    ++count[*sampler.choose(logits, 0, static_cast<uint64_t>(i))];
  return count;
}

/// The distribution that the settings describe, by a full sort.
static std::vector<double> exactly(const GenerateOptions &o,
                                   const std::vector<float> &logits) {
  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  });
  if (*o.topK > 0)
    order.resize(std::min(order.size(), static_cast<size_t>(*o.topK)));
  std::vector<double> share(logits.size());
  auto normalize = [&] {
    double sum = std::accumulate(share.begin(), share.end(), 0.0);
    for (double &s : share)
      s /= sum;
  };
  for (size_t i : order)
    share[i] = std::exp((logits[i] - logits[order[0]]) / *o.temperature);
  normalize();
  double before = 0;
  for (size_t i : order) {
    double own = share[i];
    if (before >= *o.topP)
      share[i] = 0;
    before += own;
  }
  normalize();
  double best = share[order[0]];
  for (double &s : share)
    s = s < *o.minP * best ? 0 : s;
  normalize();
  return share;
}

/// Pearson's statistic, and what it exceeds once in a million times where
/// `share` is right (Wilson and Hilferty's approximation); infinite where a
/// token came that must not.
static std::pair<double, double> chiSquare(const std::vector<int> &count,
                                           const std::vector<double> &share) {
  double draws = std::accumulate(count.begin(), count.end(), 0.0);
  double statistic = 0, freedom = -1;
  double rareShare = 0, rareCount = 0; // expected less than five times: as one
  auto add = [&](double expected, double got) {
    statistic += (got - expected) * (got - expected) / expected;
    ++freedom;
  };
  for (size_t i = 0; i < count.size(); ++i) {
    if (share[i] == 0 && count[i] > 0)
      return {INFINITY, 0};
    if (share[i] * draws >= 5) {
      add(share[i] * draws, count[i]);
    } else {
      rareShare += share[i];
      rareCount += count[i];
    }
  }
  if (rareShare * draws >= 5)
    add(rareShare * draws, rareCount);
  double v = 2 / (9 * freedom), limit = 1 - v + 4.753 * std::sqrt(v);
  return {statistic, freedom * limit * limit * limit};
}

static std::vector<float> someLogits(size_t size) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, 2);
  std::vector<float> logits(size);
  for (float &logit : logits)
    logit = normal(random);
  logits[size / 2] = never;
  return logits;
}

TEST_CASE("draws follow the exact distribution") {
  constexpr int draws = 100000;
  const GenerateOptions cases[] = {
      {.temperature = 1},
      {.temperature = 0.6, .seed = 3},
      {.temperature = 2.5, .seed = 4},
      {.temperature = 1, .topK = 7},
      {.temperature = 1, .topP = 0.8},
      {.temperature = 1.3, .minP = 0.1},
      {.temperature = 1.2, .topK = 20, .topP = 0.7, .seed = 5},
      {.temperature = 1.2, .topP = 0.9, .minP = 0.05, .seed = 6},
      {.temperature = 1.5, .topK = 30, .topP = 0.9, .minP = 0.2, .seed = 7}};
  auto logits = someLogits(60);
  for (const GenerateOptions &options : cases) {
    auto count = counts(options, logits, draws);
    auto [statistic, limit] =
        chiSquare(count, exactly(completed(options), logits));
    CAPTURE(*options.temperature, options.topK.value_or(0),
            options.topP.value_or(1), options.minP.value_or(0));
    CHECK(statistic < limit);
    // The same draws are not those of a temperature that is a little higher.
    GenerateOptions other = options;
    *other.temperature *= 1.05;
    auto [wrong, same] = chiSquare(count, exactly(completed(other), logits));
    CHECK(wrong > same);
  }
}

TEST_CASE("draws from a large vocabulary follow its distribution") {
  auto logits = someLogits(150000);
  for (const GenerateOptions &options :
       {GenerateOptions{.temperature = 0.5, .topP = 0.3},
        GenerateOptions{.temperature = 0.4},
        GenerateOptions{.temperature = 0.5, .topK = 300, .topP = 0.9}}) {
    auto [statistic, limit] = chiSquare(counts(options, logits, 400),
                                        exactly(completed(options), logits));
    CHECK(statistic < limit);
  }
}

TEST_CASE("without temperature the first of the best tokens is taken") {
  std::mt19937 random(1);
  GenerateOptions options = completed({});
  Sampler greedy(options);
  for (size_t size : {1, 2, 31, 32, 33, 1000}) {
    std::vector<float> logits(size);
    for (int round = 0; round < 50; ++round) {
      for (float &logit : logits)
        logit = static_cast<float>(static_cast<int>(random() % 40) - 60);
      auto best = std::max_element(logits.begin(), logits.end());
      REQUIRE(*greedy.choose(logits, 0, 0) == best - logits.begin());
    }
  }
}

static std::vector<uint32_t> support(const GenerateOptions &options,
                                     const std::vector<float> &logits) {
  auto count = counts(options, logits, 10000);
  std::vector<uint32_t> tokens;
  for (uint32_t i = 0; i < count.size(); ++i)
    if (count[i] > 0)
      tokens.push_back(i);
  return tokens;
}

TEST_CASE("top-k, top-p and min-p leave the best tokens") {
  using Tokens = std::vector<uint32_t>;
  std::vector<float> logits;
  for (double p : {0.1, 0.4, 0.2, 0.3})
    logits.push_back(static_cast<float>(std::log(p) + 3));
  CHECK(support({.temperature = 1, .topK = 2}, logits) == Tokens{1, 3});
  // 0.4 + 0.3 < 0.75
  CHECK(support({.temperature = 1, .topP = 0.75}, logits) == Tokens{1, 2, 3});
  // Of the two that top-k leaves, the first has a share of 0.57.
  CHECK(support({.temperature = 1, .topK = 2, .topP = 0.5}, logits) ==
        Tokens{1});
  CHECK(support({.temperature = 1, .topP = 1e-9}, logits) == Tokens{1});
  CHECK(support({.temperature = 1, .topK = 99}, logits).size() == 4);
  // 0.2 / 0.4 is as likely as is asked for; at temperature 2 so is 0.1 / 0.4.
  CHECK(support({.temperature = 1, .minP = 0.49}, logits) == Tokens{1, 2, 3});
  CHECK(support({.temperature = 2, .minP = 0.49}, logits).size() == 4);
  CHECK(support({.temperature = 1, .minP = 1}, logits) == Tokens{1});
  CHECK(support({.temperature = 1e-300, .minP = 0}, logits) == Tokens{1});
}

TEST_CASE("a nucleus larger than the first block is found") {
  // 1000 equal tokens hold 0.9, one the rest.
  std::vector<float> logits(1001, static_cast<float>(std::log(0.9 / 1000)));
  logits[500] = static_cast<float>(std::log(0.1));
  auto tokens = support({.temperature = 1, .topP = 0.55, .seed = 3}, logits);
  CHECK(tokens.size() == 501); // 0.1 + 500 * 0.0009
  CHECK(tokens.back() == 500); // equal ones: the first
}

TEST_CASE("what is ruled out is never drawn") {
  CHECK(support({.temperature = 5}, {never, 1, never, 1}) ==
        std::vector<uint32_t>{1, 3});
  for (double temperature : {0.0, 1.0}) {
    GenerateOptions options = completed({.temperature = temperature});
    Sampler sampler(options);
    auto none = sampler.choose(std::vector<float>(40, never), 0, 0);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Code::BadInput);
    CHECK(none.error().what == "no token is left to choose from: the model and "
                               "the settings rule out all");
    CHECK(sampler.choose(std::vector<float>{1, 2}, 0, 0)); // goes on
  }
}

// The first values of Random123's kat_vectors, philox4x32 with 10 rounds.
TEST_CASE("Philox gives its published values") {
  using Four = std::array<uint32_t, 4>;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) ==
        Four{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  uint32_t ones = 0xffffffff;
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        Four{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
               {0xa4093822, 0x299f31d0}) ==
        Four{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a draw depends on seed, sequence and place alone") {
  std::vector<float> logits(50, 0.0f);
  auto draw = [&](uint64_t seed, uint64_t sequence) {
    GenerateOptions options = completed({.temperature = 1, .seed = seed});
    Sampler sampler(options);
    std::vector<uint32_t> tokens(20);
    for (size_t i = 20; i-- > 0;) // in another order
      tokens[i] = *sampler.choose(logits, sequence, i);
    for (size_t i = 0; i < 20; ++i)
      CHECK(tokens[i] == *sampler.choose(logits, sequence, i));
    return tokens;
  };
  CHECK(draw(1, 0) == draw(1, 0));
  CHECK(draw(1, 0) != draw(2, 0));
  CHECK(draw(1, 0) != draw(1, 1));
}
