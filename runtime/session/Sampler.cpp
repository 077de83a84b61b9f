// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Sampler.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace llmc {

uint32_t argmax(std::span<const float> logits) {
  // Lanes of their own: a maximum in one variable is a chain of compares.
  constexpr size_t lanes = 32;
  float best[lanes];
  std::fill_n(best, lanes, -std::numeric_limits<float>::infinity());
  size_t i = 0;
  for (; i + lanes <= logits.size(); i += lanes)
    for (size_t k = 0; k < lanes; ++k)
      best[k] = logits[i + k] > best[k] ? logits[i + k] : best[k];
  for (; i < logits.size(); ++i)
    best[0] = std::max(best[0], logits[i]);
  float largest = *std::max_element(best, best + lanes);
  return static_cast<uint32_t>(
      std::find(logits.begin(), logits.end(), largest) - logits.begin());
}

Result<Sampler> Sampler::create(const SamplerOptions &options) {
  if (!(options.temperature >= 0) || std::isinf(options.temperature))
    return Status(Code::BadInput,
                  fmt::format("temperature {} is not a number from 0 on",
                              options.temperature));
  if (options.topK < 0)
    return Status(Code::BadInput,
                  fmt::format("top-k {} is negative", options.topK));
  if (!(options.topP > 0 && options.topP <= 1))
    return Status(Code::BadInput,
                  fmt::format("top-p {} is outside (0, 1]", options.topP));
  return Sampler(options);
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
/// Generators, 2014), as a number in [0, 1).
double Sampler::uniform() {
  uint64_t z = state_ += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

bool Sampler::better(const Candidate &a, const Candidate &b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
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

/// Keeps the smallest set of the best candidates whose share of `total` reaches
/// top-p; returns its weight.
double Sampler::keepNucleus(double total) {
  double sum = 0;
  size_t kept = 0;
  // Nearly always a few are enough, and sorting a whole vocabulary is slow.
  for (size_t sorted = 64; kept < candidates_.size(); sorted *= 8) {
    size_t end = std::min(sorted, candidates_.size());
    sortBest(kept, end);
    while (kept < end && (kept == 0 || sum < options_.topP * total))
      sum += candidates_[kept++].weight;
    if (kept < end || sum >= options_.topP * total)
      break;
  }
  candidates_.resize(kept);
  return sum;
}

uint32_t Sampler::sample(std::span<const float> logits) {
  uint32_t best = argmax(logits);
  if (options_.temperature == 0 || logits.size() < 2 ||
      std::isinf(logits[best]))
    return best;
  candidates_.resize(logits.size());
  for (size_t i = 0; i < logits.size(); ++i)
    candidates_[i] = {logits[i], static_cast<uint32_t>(i), 0};
  auto k = static_cast<size_t>(options_.topK);
  if (k > 0 && k < candidates_.size()) {
    sortBest(0, k);
    candidates_.resize(k);
  }
  double total = 0;
  for (Candidate &candidate : candidates_) {
    candidate.weight =
        std::exp((static_cast<double>(candidate.logit) - logits[best]) /
                 options_.temperature);
    total += candidate.weight;
  }
  if (options_.topP < 1)
    total = keepNucleus(total);
  double draw = uniform() * total;
  for (const Candidate &candidate : candidates_) {
    draw -= candidate.weight;
    if (draw < 0)
      return candidate.token;
  }
  return best; // rounding left a rest
}

} // namespace llmc
