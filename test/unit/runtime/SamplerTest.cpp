// SPDX-License-Identifier: Apache-2.0
// The choice of tokens: what may be drawn, how often, and when a text ends.
#include "runtime/session/Sampler.h"
#include "runtime/session/Generator.h"
#include "test/unit/runtime/Toy.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <random>

using namespace llmc;
using namespace llmc::test;

static std::map<uint32_t, double> shares(const SamplerOptions &options,
                                         const std::vector<float> &logits) {
  auto sampler = Sampler::create(options);
  REQUIRE(sampler);
  constexpr int draws = 20000;
  std::map<uint32_t, double> share;
  for (int i = 0; i < draws; ++i)
    share[sampler->sample(logits)] += 1.0 / draws;
  return share;
}

/// Logits of these probabilities, up to a constant.
static std::vector<float> logitsOf(std::vector<double> probabilities) {
  std::vector<float> logits;
  for (double p : probabilities)
    logits.push_back(static_cast<float>(std::log(p) + 3));
  return logits;
}

// Of 20000 draws a share strays by more than 0.02 once in 10^7.
static Approx about(double share) { return Approx(share).margin(0.02); }

TEST_CASE("without temperature the first of the best tokens is taken") {
  std::mt19937 random(1);
  auto greedy = Sampler::create({});
  for (size_t size : {1, 2, 31, 32, 33, 1000}) {
    std::vector<float> logits(size);
    for (int round = 0; round < 50; ++round) {
      for (float &logit : logits)
        logit = static_cast<float>(static_cast<int>(random() % 40) - 60);
      auto best = std::max_element(logits.begin(), logits.end());
      REQUIRE(greedy->sample(logits) == best - logits.begin());
    }
  }
  std::vector<float> none(40, -std::numeric_limits<float>::infinity());
  CHECK(greedy->sample(none) == 0);
}

TEST_CASE("tokens are drawn as often as their probabilities say") {
  auto logits = logitsOf({0.1, 0.4, 0.2, 0.3});
  auto all = shares({.temperature = 1, .seed = 1}, logits);
  CHECK(all[0] == about(0.1));
  CHECK(all[1] == about(0.4));
  CHECK(all[3] == about(0.3));
  // Temperature 0.5 squares the probabilities.
  auto cold = shares({.temperature = 0.5, .seed = 1}, logits);
  CHECK(cold[1] == about(0.16 / 0.30));
  CHECK(cold[0] == about(0.01 / 0.30));
}

TEST_CASE("top-k and top-p leave the best tokens") {
  auto logits = logitsOf({0.1, 0.4, 0.2, 0.3});
  auto two = shares({.temperature = 1, .topK = 2, .seed = 2}, logits);
  CHECK(two.size() == 2);
  CHECK(two[1] == about(0.4 / 0.7));
  auto nucleus = shares({.temperature = 1, .topP = 0.75, .seed = 2}, logits);
  CHECK(nucleus.size() == 3); // 0.4 + 0.3 < 0.75
  CHECK(nucleus[2] == about(0.2 / 0.9));
  // Of the two that top-k leaves, the first has a share of 0.57.
  auto both =
      shares({.temperature = 1, .topK = 2, .topP = 0.5, .seed = 2}, logits);
  CHECK(both.size() == 1);
  auto least = shares({.temperature = 1, .topP = 1e-9, .seed = 2}, logits);
  CHECK(least.size() == 1);
  CHECK(least[1] == about(1));
  auto many = shares({.temperature = 1, .topK = 99, .seed = 2}, logits);
  CHECK(many.size() == 4);
}

TEST_CASE("a nucleus larger than the first block is found") {
  // 1000 equal tokens hold 0.9, one the rest.
  std::vector<double> probabilities(1001, 0.9 / 1000);
  probabilities[500] = 0.1;
  auto logits = logitsOf(probabilities);
  auto share = shares({.temperature = 1, .topP = 0.55, .seed = 3}, logits);
  CHECK(share[500] == about(0.1 / 0.55));
  CHECK(share.size() == 501);          // 0.1 + 500 * 0.0009
  CHECK(share.rbegin()->first == 500); // equal ones: the first
}

TEST_CASE("masked tokens are never drawn") {
  float never = -std::numeric_limits<float>::infinity();
  auto share = shares({.temperature = 5, .seed = 4}, {never, 1, never, 1});
  CHECK(share.size() == 2);
  CHECK(share[1] == about(0.5));
}

TEST_CASE("the same seed draws the same tokens") {
  std::vector<float> logits(50, 0.0f);
  auto draw = [&](uint64_t seed) {
    auto sampler = Sampler::create({.temperature = 1, .seed = seed});
    std::vector<uint32_t> tokens;
    for (int i = 0; i < 20; ++i)
      tokens.push_back(sampler->sample(logits));
    return tokens;
  };
  CHECK(draw(1) == draw(1));
  CHECK(draw(1) != draw(2));
}

TEST_CASE("impossible options are refused") {
  auto what = [](const SamplerOptions &options) {
    auto sampler = Sampler::create(options);
    return sampler ? std::string("accepted") : sampler.error().what;
  };
  CHECK(what({.temperature = -1}) ==
        "temperature -1 is not a number from 0 on");
  CHECK(what({.temperature = std::nan("")}) ==
        "temperature nan is not a number from 0 on");
  CHECK(what({.topK = -3}) == "top-k -3 is negative");
  CHECK(what({.topP = 0}) == "top-p 0 is outside (0, 1]");
  CHECK(what({.topP = 1.5}) == "top-p 1.5 is outside (0, 1]");
}

/// What the toy decoder says after a prompt; its tokens 5 and 6 end a text.
static std::pair<std::vector<uint32_t>, GenerateResult>
generateToy(const std::string &prompt, const GenerateOptions &options) {
  TemporaryFolder folder;
  REQUIRE(writeToy(folder / "a.llmc", {.bigWeight = 1000}).ok());
  auto model = Model::open(folder / "a.llmc", {.threads = 1});
  REQUIRE(model);
  auto session = Session::create(*model, {});
  REQUIRE(session);
  auto tokenizer = loadTokenizer((*model)->artifact());
  REQUIRE(tokenizer);
  std::vector<uint32_t> tokens;
  std::string text;
  auto result = generate(**session, **tokenizer, prompt, options,
                         [&](uint32_t token, std::string_view piece) {
                           if (token != noToken)
                             tokens.push_back(token);
                           text += piece;
                           return tokens.size() < 7;
                         });
  REQUIRE(result);
  CHECK(text == *(*tokenizer)->decode(tokens));
  return {tokens, *result};
}

TEST_CASE("a text ends with any of the end tokens") {
  using Tokens = std::vector<uint32_t>;
  // The next token is the sum of all before it, modulo 8.
  auto five = generateToy("t4 t1", {});
  CHECK(five.first == Tokens{});
  CHECK(five.second.stopped);
  auto six = generateToy("t3", {}); // 3, then 6
  CHECK(six.first == Tokens{3});
  CHECK(six.second.stopped);
  CHECK(six.second.tokens == 1);
  auto on = generateToy("t3", {.maxTokens = 4, .ignoreEos = true});
  CHECK(on.first == Tokens{3, 6, 4, 0});
  CHECK_FALSE(on.second.stopped);
  auto stopped = generateToy("t8", {.maxTokens = 20}); // 0 forever
  CHECK(stopped.first.size() == 7); // the callback had enough
}
