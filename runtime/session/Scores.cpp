// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Scores.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace llmc {

static constexpr float never = -std::numeric_limits<float>::infinity();

bool areUsable(std::span<const float> scores) {
  bool usable = true;
  for (float score : scores)
    usable &= score <= std::numeric_limits<float>::max();
  return usable;
}

Status unusableLogits(int64_t position) {
  return Status(Code::BadInput,
                fmt::format("the model produced NaN or infinite logits at "
                            "position {}",
                            position));
}

uint32_t argmax(std::span<const float> scores) {
  // Lanes of their own: a maximum in one variable is a chain of compares.
  constexpr size_t lanes = 32;
  float best[lanes];
  std::fill_n(best, lanes, never);
  size_t i = 0;
  for (; i + lanes <= scores.size(); i += lanes)
    for (size_t k = 0; k < lanes; ++k)
      best[k] = scores[i + k] > best[k] ? scores[i + k] : best[k];
  for (; i < scores.size(); ++i)
    best[0] = std::max(best[0], scores[i]);
  float largest = *std::max_element(best, best + lanes);
  return static_cast<uint32_t>(
      std::find(scores.begin(), scores.end(), largest) - scores.begin());
}

void selectBest(std::span<const float> scores, size_t count,
                std::vector<TokenScore> &best) {
  best.clear();
  count = std::min(count, scores.size());
  if (count == 0)
    return;
  // Twice as many as wanted are gathered, then the worse half is dropped and
  // the worst of the rest is the bar. A later token that equals it is worse.
  size_t room = std::min(std::max<size_t>(2 * count, 64), scores.size());
  best.reserve(room);
  auto keep = best.begin() + static_cast<ptrdiff_t>(count);
  float bar = never;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!(scores[i] > bar))
      continue;
    if (best.size() == room) {
      std::nth_element(best.begin(), keep - 1, best.end(), better);
      best.resize(count);
      bar = best.back().score;
      if (!(scores[i] > bar))
        continue;
    }
    best.push_back({static_cast<uint32_t>(i), scores[i]});
  }
  if (best.size() > count) {
    std::nth_element(best.begin(), keep, best.end(), better);
    best.resize(count);
  }
  std::sort(best.begin(), best.end(), better);
}

double logSumExp(std::span<const float> scores) {
  double largest = scores[argmax(scores)], sum = 0;
  for (float score : scores)
    sum += std::exp(static_cast<float>(score - largest));
  return largest + std::log(sum);
}

} // namespace llmc
