// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Sampler.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace llmc {

uint32_t argmax(std::span<const float> logits) {
  return static_cast<uint32_t>(std::max_element(logits.begin(), logits.end()) -
                               logits.begin());
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

/// The top-k candidates, best first; all of them in the same order when there
/// is no k.
void Sampler::keepBest(std::span<const float> logits) {
  candidates_.resize(logits.size());
  for (size_t i = 0; i < logits.size(); ++i)
    candidates_[i] = {logits[i], static_cast<uint32_t>(i), 0};
  auto better = [](const Candidate &a, const Candidate &b) {
    return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
  };
  size_t kept = options_.topK > 0 ? std::min(static_cast<size_t>(options_.topK),
                                             logits.size())
                                  : logits.size();
  std::partial_sort(candidates_.begin(),
                    candidates_.begin() + static_cast<ptrdiff_t>(kept),
                    candidates_.end(), better);
  candidates_.resize(kept);
}

uint32_t Sampler::sample(std::span<const float> logits) {
  if (options_.temperature == 0 || logits.size() < 2)
    return argmax(logits);
  keepBest(logits);
  double total = 0;
  for (Candidate &candidate : candidates_) {
    candidate.weight =
        std::exp((static_cast<double>(candidate.logit) - candidates_[0].logit) /
                 options_.temperature);
    total += candidate.weight;
  }
  // The smallest set of the best whose share reaches top-p.
  size_t kept = 0;
  double sum = 0;
  while (kept < candidates_.size() &&
         (kept == 0 || sum < options_.topP * total))
    sum += candidates_[kept++].weight;
  double draw = uniform() * sum;
  for (size_t i = 0; i < kept; ++i) {
    draw -= candidates_[i].weight;
    if (draw < 0)
      return candidates_[i].token;
  }
  return candidates_[kept - 1].token;
}

} // namespace llmc
