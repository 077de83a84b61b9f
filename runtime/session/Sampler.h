// SPDX-License-Identifier: Apache-2.0
// Chooses the next token from logits: the best, or at random after temperature,
// top-k and top-p, in this order. The same seed and logits give the same
// tokens. One thread at a time; takes no memory after the first draw.
#ifndef LLMC_RUNTIME_SESSION_SAMPLER_H
#define LLMC_RUNTIME_SESSION_SAMPLER_H

#include "runtime/core/Status.h"
#include <cstdint>
#include <span>
#include <vector>

namespace llmc {

struct SamplerOptions {
  double temperature = 0; // 0: greedy
  int64_t topK = 0;       // 0: all
  double topP = 1;        // 1: all
  uint64_t seed = 0;
};

/// The first of the largest logits, which are numbers.
uint32_t argmax(std::span<const float> logits);

class Sampler {
public:
  /// Refuses negative, NaN or impossible values.
  static Result<Sampler> create(const SamplerOptions &options);

  uint32_t sample(std::span<const float> logits);

private:
  explicit Sampler(const SamplerOptions &options)
      : options_(options), state_(options.seed) {}
  struct Candidate {
    float logit;
    uint32_t token;
    double weight;
  };
  static bool better(const Candidate &a, const Candidate &b);
  double uniform();
  void sortBest(size_t begin, size_t end);
  double keepNucleus(double total);

  SamplerOptions options_;
  uint64_t state_;
  std::vector<Candidate> candidates_;
};

} // namespace llmc

#endif
