// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Sampler.h"
#include "runtime/session/Philox.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace llmc {

static constexpr float never = -std::numeric_limits<float>::infinity();

/// Single precision is twice as fast and its error is far below that of logits.
double Sampler::weightOf(float score) const {
  return std::exp(
      static_cast<float>((score - largest_) / *options_.temperature));
}

/// Tokens of at least this weight that are not ruled out, in their order, and a
/// few below: the bar is a score, whose rounding is not that of weights.
void Sampler::gather(std::span<const float> scores, double weight) {
  auto bar = static_cast<float>(largest_ +
                                *options_.temperature * std::log(weight / 2));
  candidates_.clear();
  for (size_t i = 0; i < scores.size(); ++i)
    if (scores[i] >= bar && scores[i] != never)
      candidates_.push_back({static_cast<uint32_t>(i), scores[i]});
}

/// Brings the best `end` candidates in front, sorted, where the best `begin`
/// already are.
void Sampler::sortBest(size_t begin, size_t end) {
  auto at = [this](size_t i) {
    return candidates_.begin() + static_cast<ptrdiff_t>(i);
  };
  if (end < candidates_.size())
    std::nth_element(at(begin), at(end), candidates_.end(), better);
  std::sort(at(begin), at(end), better);
}

void Sampler::weigh(size_t begin, size_t end) {
  weights_.resize(end);
  for (size_t i = begin; i < end; ++i)
    weights_[i] = weightOf(candidates_[i].score);
}

/// Keeps the smallest set of the best candidates whose share of `total` reaches
/// top-p.
void Sampler::keepNucleus(double total) {
  double sum = 0, wanted = *options_.topP * total;
  size_t kept = 0;
  // Nearly always a few are enough, and sorting a whole vocabulary is slow.
  for (size_t sorted = 64; kept < candidates_.size() && sum < wanted;
       sorted *= 8) {
    size_t end = std::min(sorted, candidates_.size());
    sortBest(kept, end);
    weigh(kept, end);
    while (kept < end && sum < wanted)
      sum += weights_[kept++];
  }
  candidates_.resize(kept);
  weights_.resize(kept);
}

/// All that top-p takes its share of, less what it cannot reach: tokens that
/// are each below (1 - p) / n of the total are together below 1 - p.
void Sampler::keepLikely(std::span<const float> scores) {
  double total = 0;
  for (float score : scores)
    total += weightOf(score);
  gather(scores,
         (1 - *options_.topP) * total / static_cast<double>(scores.size()));
  keepNucleus(total);
}

void Sampler::keepNearBest() {
  size_t kept = 0;
  for (size_t i = 0; i < candidates_.size(); ++i)
    if (weights_[i] >= *options_.minP) {
      candidates_[kept] = candidates_[i];
      weights_[kept++] = weights_[i];
    }
  candidates_.resize(kept);
  weights_.resize(kept);
}

uint32_t Sampler::draw(double share) const {
  double rest = share * std::accumulate(weights_.begin(), weights_.end(), 0.0);
  for (size_t i = 0; i < weights_.size(); ++i) {
    rest -= weights_[i];
    if (rest < 0)
      return candidates_[i].token;
  }
  return std::min_element(candidates_.begin(), candidates_.end(), better)
      ->token; // rounding left a rest
}

Result<uint32_t> Sampler::choose(std::span<const float> scores,
                                 uint64_t sequence, uint64_t place) {
  uint32_t best = argmax(scores);
  if (scores.empty() || scores[best] == never)
    return Status(Code::BadInput,
                  "no token is left to choose from: the model and the settings "
                  "rule out all");
  if (*options_.temperature == 0)
    return best;
  largest_ = scores[best];
  auto k = static_cast<size_t>(*options_.topK);
  if (k > 0 && k < scores.size()) {
    selectBest(scores, k, candidates_);
    weigh(0, candidates_.size());
    if (*options_.topP < 1)
      keepNucleus(std::accumulate(weights_.begin(), weights_.end(), 0.0));
  } else if (*options_.topP < 1) {
    keepLikely(scores);
  } else {
    gather(scores, *options_.minP); // log(0) rules out none
    weigh(0, candidates_.size());
  }
  if (*options_.minP > 0)
    keepNearBest();
  return draw(uniformAt(options_.seed, sequence, place));
}

} // namespace llmc
