// SPDX-License-Identifier: Apache-2.0
// Each change of scores against values worked out by hand.
#include "runtime/session/LogitProcessors.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace llmc;

static constexpr float never = -std::numeric_limits<float>::infinity();
using Scores = std::vector<float>;

/// After the prompt 0 1 and the text 2 3 2.
static Scores processed(const GenerateOptions &options,
                        Scores scores = {4, -4, 2, -2, 1, 8},
                        const std::vector<int64_t> &history = {0, 1, 2, 3, 2},
                        size_t promptTokens = 2) {
  GenerationDefaults defaults;
  defaults.eos = {5};
  auto all = complete(options, defaults, 2);
  REQUIRE(all);
  LogitProcessors processors(*all);
  REQUIRE(processors.isActive());
  Scores first = scores, again = scores;
  processors.apply(first, history, promptTokens, false);
  processors.apply(again, history, promptTokens,
                   false); // no trace of the first call
  CHECK(first == again);
  return first;
}

TEST_CASE("nothing is changed by default") {
  auto all = complete({}, {}, 2);
  REQUIRE(all);
  CHECK_FALSE(LogitProcessors(*all).isActive());
}

TEST_CASE("a bias is added") {
  CHECK(processed({.logitBias = {{0, 1.5}, {3, -2}, {4, -INFINITY}}}) ==
        Scores{5.5, -4, 2, -4, never, 8});
}

TEST_CASE("repetition divides or multiplies once, of prompt and text") {
  CHECK(processed({.repetitionPenalty = 2}) == Scores{2, -8, 1, -4, 1, 8});
  CHECK(processed({.repetitionPenalty = 0.5}) == Scores{8, -2, 4, -1, 1, 8});
}

TEST_CASE("presence and frequency count the text alone") {
  CHECK(processed({.presencePenalty = 0.5}) == Scores{4, -4, 1.5, -2.5, 1, 8});
  CHECK(processed({.frequencyPenalty = 0.25}) ==
        Scores{4, -4, 1.5, -2.25, 1, 8});
  CHECK(processed({.presencePenalty = -1, .frequencyPenalty = 0.5}) ==
        Scores{4, -4, 2, -1.5, 1, 8});
}

TEST_CASE("no run comes twice") {
  // 2 was followed by 3.
  CHECK(processed({.noRepeatNgram = 2}) == Scores{4, -4, 2, never, 1, 8});
  // All that came, for runs of one.
  CHECK(processed({.noRepeatNgram = 1}) ==
        Scores{never, never, never, never, 1, 8});
  // 2 3 2 did not come before.
  CHECK(processed({.noRepeatNgram = 3}) == Scores{4, -4, 2, -2, 1, 8});
  CHECK(processed({.noRepeatNgram = 3}, {1, 1, 1, 1}, {1, 2, 3, 1, 2}) ==
        Scores{1, 1, 1, never});
  // Shorter than a run: nothing is known.
  CHECK(processed({.noRepeatNgram = 5}, {1, 1}, {0, 1}) == Scores{1, 1});
  CHECK(processed({.noRepeatNgram = 2}, {1, 1}, {0}, 1) == Scores{1, 1});
}

TEST_CASE("no end comes before the minimum of tokens") {
  CHECK(processed({.minTokens = 3}) == Scores{4, -4, 2, -2, 1, 8});
  CHECK(processed({.minTokens = 4}) == Scores{4, -4, 2, -2, 1, never});
  CHECK(processed({.minTokens = 4, .stopTokens = {4}}) ==
        Scores{4, -4, 2, -2, never, never});
  CHECK(processed({.minTokens = 4, .stopTokens = {4}, .ignoreEos = true}) ==
        Scores{4, -4, 2, -2, never, 8});
}

TEST_CASE("the order is bias, repetition, presence") {
  // (4 + 2) / 2; token 2: (2 + 2) / 2 - 1
  CHECK(processed({.logitBias = {{0, 2}, {2, 2}, {1, 5}},
                   .repetitionPenalty = 2,
                   .presencePenalty = 1}) == Scores{3, 0.5, 1, -5, 1, 8});
}

TEST_CASE("tokens of the prompt that have no score are passed over") {
  CHECK(processed({.repetitionPenalty = 2, .noRepeatNgram = 1}, {4, 4},
                  {99, 0}) == Scores{never, 4});
}

TEST_CASE("forced tokens come first and last") {
  CHECK(processed({.forcedBos = 3}, {1, 2, 3, 4, 5, 6}, {0, 1}, 2) ==
        Scores{never, never, never, 0, never, never});
  CHECK(processed({.maxTokens = 4, .forcedEos = 5}) ==
        Scores{never, never, never, never, never, 0});
  CHECK(processed({.maxTokens = 5, .forcedBos = 3, .forcedEos = 5}) ==
        Scores{4, -4, 2, -2, 1, 8});
}

TEST_CASE("suppressed tokens never come, or are not the first") {
  std::vector<int64_t> ids = {1, 4};
  CHECK(processed({.suppressed = ids}) == Scores{4, never, 2, -2, never, 8});
  CHECK(processed({.firstSuppressed = ids}) == Scores{4, -4, 2, -2, 1, 8});
  CHECK(processed({.firstSuppressed = ids}, {1, 2, 3, 4, 5, 6}, {0, 1}, 2) ==
        Scores{1, never, 3, 4, never, 6});
}
