// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Timestamps.h"
#include "runtime/session/Scores.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace llmc {

static constexpr float never = -std::numeric_limits<float>::infinity();

/// [begin, end) within the vocabulary.
static void ban(std::span<float> scores, size_t begin, size_t end) {
  end = std::min(end, scores.size());
  if (begin < end)
    std::fill(scores.begin() + static_cast<ptrdiff_t>(begin),
              scores.begin() + static_cast<ptrdiff_t>(end), never);
}

/// The first time that may come, and that after a pair comes text, after a
/// single time its partner.
static void keepOrder(const TimestampRules &rules, std::span<float> scores,
                      std::span<const int64_t> text) {
  auto isTime = [&](size_t back) {
    return text.size() < back ||
           text[text.size() - back] >= static_cast<int64_t>(rules.first);
  };
  if (text.empty())
    return;
  bool lastIsTime = isTime(1), isPair = lastIsTime && isTime(2);
  if (isPair)
    ban(scores, rules.first, scores.size());
  else if (lastIsTime)
    ban(scores, 0, rules.end);
  auto found = std::find_if(text.rbegin(), text.rend(), [&](int64_t token) {
    return token >= static_cast<int64_t>(rules.first);
  });
  if (found == text.rend())
    return;
  // A piece of text takes time; the second time of a pair may be the same.
  auto least = static_cast<size_t>(*found) + (lastIsTime && !isPair ? 0 : 1);
  ban(scores, rules.first, least);
}

void applyTimestampRules(const TimestampRules &rules, std::span<float> scores,
                         std::span<const int64_t> text) {
  if (rules.first >= scores.size())
    return;
  if (rules.none < scores.size())
    scores[rules.none] = never;
  keepOrder(rules, scores, text);
  if (text.empty()) {
    ban(scores, 0, rules.first);
    if (rules.latestStart)
      ban(scores, size_t{rules.first} + *rules.latestStart + 1, scores.size());
  }
  auto times = scores.subspan(rules.first);
  auto others = scores.first(rules.first);
  float likeliest = *std::max_element(times.begin(), times.end());
  if (std::isfinite(likeliest) &&
      logSumExp(times) > *std::max_element(others.begin(), others.end()))
    ban(scores, 0, rules.first);
}

} // namespace llmc
