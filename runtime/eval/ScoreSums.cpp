// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/ScoreSums.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace llmc::eval {

Status ScoreSums::add(const ScoredPrediction &scored) {
  const Comparison &s = scored.scores;
  if (!s.ours.isUsable || (hasBaseline_ && !s.baseline.isUsable))
    return Status(
        Code::BadInput,
        fmt::format("everything is ruled out at position {}", scored.position));
  ++count_;
  ours_.loss += s.ours.loss;
  ours_.hits += s.ours.hit;
  if (!hasBaseline_)
    return Status();
  baseline_.loss += s.baseline.loss;
  baseline_.hits += s.baseline.hit;
  same_ += s.ours.top == s.baseline.top;
  divergence_ += s.divergence;
  largest_ = std::max(largest_, s.divergence);
  keepWorst(scored);
  return Status();
}

void ScoreSums::keepWorst(const ScoredPrediction &scored) {
  auto place = std::find_if(
      worst_.begin(), worst_.end(), [&](const ScoredPrediction &other) {
        return other.scores.divergence < scored.scores.divergence;
      });
  if (place == worst_.end() && worst_.size() >= worstCount_)
    return;
  worst_.insert(place, scored);
  if (worst_.size() > worstCount_)
    worst_.pop_back();
}

double ScoreSums::perplexityOf(const Model &model) const {
  return std::exp(model.loss / static_cast<double>(count_));
}

double ScoreSums::shareOf(size_t part) const {
  return static_cast<double>(part) / static_cast<double>(count_);
}

double ScoreSums::meanDivergence() const {
  return divergence_ / static_cast<double>(count_);
}

} // namespace llmc::eval
