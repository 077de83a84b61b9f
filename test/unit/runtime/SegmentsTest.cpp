// SPDX-License-Identifier: Apache-2.0
// Where times cut the text of a window of sound, and which tokens they allow.
#include "runtime/session/Segments.h"
#include "runtime/session/Timestamps.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace llmc;

namespace {

constexpr uint32_t first = 100; // times are 100, 101, ...
using Tokens = std::vector<uint32_t>;

struct Cut {
  int64_t start, end;
  Tokens tokens;
  bool operator==(const Cut &) const = default;
};

std::pair<std::vector<Cut>, int64_t> cut(const Tokens &tokens) {
  WindowSegments made = cutSegments(tokens, first, 50);
  std::vector<Cut> cuts;
  for (const TokenSegment &s : made.segments)
    cuts.push_back({s.start, s.end, Tokens(s.tokens.begin(), s.tokens.end())});
  return {cuts, made.next};
}

using Cuts = std::vector<Cut>;

} // namespace

TEST_CASE("without pairs of times a window is one segment") {
  CHECK(cut({1, 2}) == std::pair(Cuts{{0, 50, {1, 2}}}, int64_t{50}));
  CHECK(cut({100, 1, 107}) ==
        std::pair(Cuts{{0, 7, {100, 1, 107}}}, int64_t{50}));
  CHECK(cut({}) == std::pair(Cuts{{0, 50, {}}}, int64_t{50}));
}

TEST_CASE(
    "pairs of times end segments, and the next window begins at the last") {
  CHECK(cut({100, 1, 105, 105, 2, 3, 112, 113, 4}) ==
        std::pair(Cuts{{0, 5, {100, 1, 105}}, {5, 12, {105, 2, 3, 112}}},
                  int64_t{12}));
}

TEST_CASE("a single time at the end closes the window") {
  CHECK(cut({100, 1, 105, 105, 2, 130}) ==
        std::pair(Cuts{{0, 5, {100, 1, 105}}, {5, 30, {105, 2, 130}}},
                  int64_t{50}));
}

TEST_CASE("a window goes on even where a pair stands at its start") {
  CHECK(cut({100, 100, 1}).second == 50);
  CHECK(cut({199, 199, 1}) ==
        std::pair(Cuts{{50, 50, {199}}}, int64_t{50})); // beyond the window
}

/// Which of 0..7 may come after `text`: 0 and 1 are text, 2 ends it, 3 says
/// that there are no times, 4..7 are times.
static std::vector<int> allowed(const std::vector<int64_t> &text,
                                std::vector<float> scores = {3, 2, 1, 9, 0, 0,
                                                             0, 0}) {
  applyTimestampRules({.first = 4, .none = 3, .end = 2, .latestStart = 1},
                      scores, text);
  std::vector<int> out;
  for (int i = 0; i < 8; ++i)
    if (!std::isinf(scores[static_cast<size_t>(i)]))
      out.push_back(i);
  return out;
}

TEST_CASE("times come in pairs, in order, and first") {
  using Ids = std::vector<int>;
  CHECK(allowed({}) == Ids{4, 5});
  CHECK(allowed({4}) == Ids{0, 1, 2});
  CHECK(allowed({4, 0}) == Ids{0, 1, 2, 5, 6, 7});
  CHECK(allowed({4, 0, 6}) == Ids{2, 6, 7});
  CHECK(allowed({4, 0, 6, 6}) == Ids{0, 1, 2});
  CHECK(allowed({4, 0, 6, 6, 1}) == Ids{0, 1, 2, 7});
}

TEST_CASE("times that together are likelier than any text come") {
  CHECK(allowed({4, 0}, {1, 1, 1, 1, 1, 0.5, 0.5, 0.5}) ==
        std::vector<int>{5, 6, 7});
}
