// SPDX-License-Identifier: Apache-2.0
// Windows of a text, scores of predictions against a plain sum in long double,
// their sums, and correlations.
#include "runtime/eval/Correlation.h"
#include "runtime/eval/ScoreSums.h"
#include "runtime/eval/TextEvaluation.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace llmc;
using namespace llmc::eval;

static constexpr float never = -std::numeric_limits<float>::infinity();

TEST_CASE("windows cover a text once and leave out its rest") {
  using Windows = std::vector<Window>;
  CHECK(*cutWindows(11, {.window = 5}) == Windows{{0, 5, 5}, {5, 5, 5}});
  CHECK(*cutWindows(10, {.window = 5}) == Windows{{0, 5, 5}}); // 10 tokens
  CHECK(*cutWindows(11, {.window = 5, .most = 1}) == Windows{{0, 5, 5}});
  CHECK(*cutWindows(10, {.window = 5, .stride = 2}) ==
        Windows{{0, 5, 5}, {2, 5, 2}, {4, 5, 2}});
  CHECK(*cutWindows(3, {.window = 5}) == Windows{{0, 2, 2}});
  CHECK(*cutWindows(3, {.window = 5, .stride = 4}) == Windows{{0, 2, 2}});
  for (size_t tokens : {0, 1}) {
    auto none = cutWindows(tokens, {});
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Code::BadInput);
  }
}

static std::vector<long double> logSoftmax(const std::vector<float> &logits) {
  long double sum = 0;
  for (float logit : logits)
    sum += std::exp(static_cast<long double>(logit));
  std::vector<long double> all;
  for (float logit : logits)
    all.push_back(logit - std::log(sum));
  return all;
}

TEST_CASE("predictions are compared as a plain sum has it") {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 4);
  for (float noise : {0.0f, 1e-4f, 0.1f, 5.0f}) {
    std::vector<float> ours, baseline;
    for (int i = 0; i < 300; ++i) {
      baseline.push_back(normal(random));
      ours.push_back(baseline.back() + 3 + noise * normal(random));
    }
    baseline[7] = never;
    ours[7] = never;
    baseline[9] = 30; // likeliest for both
    ours[9] = noise > 1 ? 100 : 33;
    auto p = logSoftmax(baseline), q = logSoftmax(ours);
    long double divergence = 0;
    for (size_t i = 0; i < p.size(); ++i)
      if (i != 7)
        divergence += std::exp(p[i]) * (p[i] - q[i]);
    Comparison got = comparePredictions(ours, baseline, 3);
    CHECK(std::abs(got.divergence - static_cast<double>(divergence)) < 1e-13);
    CHECK(got.ours.loss == Approx(static_cast<double>(-q[3])).epsilon(1e-12));
    CHECK(got.baseline.loss ==
          Approx(static_cast<double>(-p[3])).epsilon(1e-12));
    CHECK(got.ours.loss == scorePrediction(ours, 3).loss);
    CHECK(got.baseline.top == 9);
    CHECK(got.ours.probability ==
          Approx(static_cast<double>(std::exp(q[9]))).epsilon(1e-12));
    CHECK_FALSE(got.ours.hit);
    CHECK(scorePrediction(ours, 9).hit);
  }
}

TEST_CASE("a token that only one model rules out") {
  const float all[] = {1, 2}, one[] = {never, 2}, none[] = {never, never};
  CHECK(std::isinf(comparePredictions(one, all, 1).divergence));
  CHECK(comparePredictions(all, one, 1).divergence ==
        Approx(std::log(1 + std::exp(-1.0))));
  CHECK_FALSE(scorePrediction(none, 0).isUsable);
  CHECK(
      ScoreSums(false, 0).add({0, {scorePrediction(none, 0), {}, 0}}).code() ==
      Code::BadInput);
}

TEST_CASE("sums keep the worst in their order") {
  ScoreSums sums(true, 2);
  const double divergences[] = {0.5, 2, 0.25, 2, 1};
  for (size_t i = 0; i < 5; ++i) {
    ScoredPrediction scored = {i, {}};
    scored.scores.ours = {.loss = 1, .top = 4, .hit = i < 2, .isUsable = true};
    scored.scores.baseline = {
        .loss = 2, .top = i ? 4u : 5u, .hit = true, .isUsable = true};
    scored.scores.divergence = divergences[i];
    REQUIRE(sums.add(scored));
  }
  CHECK(sums.perplexity() == Approx(std::exp(1.0)));
  CHECK(sums.baselinePerplexity() == Approx(std::exp(2.0)));
  CHECK(sums.accuracy() == 0.4);
  CHECK(sums.baselineAccuracy() == 1);
  CHECK(sums.agreement() == 0.8);
  CHECK(sums.meanDivergence() == 1.15);
  CHECK(sums.largestDivergence() == 2);
  REQUIRE(sums.worst().size() == 2);
  CHECK(sums.worst()[0].position == 1);
  CHECK(sums.worst()[1].position == 3);
}

TEST_CASE("correlations, with ties") {
  const double a[] = {1, 2, 2, 5}, b[] = {1, 4, 3, 30};
  CHECK(ranks(a) == std::vector<double>{1, 2.5, 2.5, 4});
  CHECK(pearson(a, a) == Approx(1));
  CHECK(pearson(a, b) == Approx(0.981640711127233));
  CHECK(spearman(a, b) == Approx(0.9486832980505138));
  const double flat[] = {3, 3, 3, 3};
  CHECK(std::isnan(pearson(a, flat)));
  const float x[] = {3, 4}, y[] = {-4, 3}, zero[] = {0, 0};
  CHECK(cosine(x, x) == 1);
  CHECK(cosine(x, y) == 0);
  CHECK(cosine(x, zero) == 0);
}
