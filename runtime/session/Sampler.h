// SPDX-License-Identifier: Apache-2.0
// Chooses the next token from scores: the best, or at random after temperature,
// top-k, top-p and min-p, in this order. A choice depends on the scores, the
// seed and the place alone. One thread at a time; takes no memory once it has
// seen a vocabulary.
#ifndef LLMC_RUNTIME_SESSION_SAMPLER_H
#define LLMC_RUNTIME_SESSION_SAMPLER_H

#include "runtime/core/Status.h"
#include "runtime/session/GenerateOptions.h"
#include "runtime/session/Scores.h"
#include <cstdint>
#include <span>
#include <vector>

namespace llmc {

class Sampler {
public:
  /// Of completed options, which must outlive it.
  explicit Sampler(const GenerateOptions &options) : options_(options) {}

  /// Token `place` of sequence `sequence`. BadInput when all are ruled out.
  Result<uint32_t> choose(std::span<const float> scores, uint64_t sequence,
                          uint64_t place);

private:
  double weightOf(float score) const;
  void gather(std::span<const float> scores, double weight);
  void keepLikely(std::span<const float> scores);
  void sortBest(size_t begin, size_t end);
  void weigh(size_t begin, size_t end);
  void keepNucleus(double total);
  void keepNearBest();
  uint32_t draw(double share) const;

  const GenerateOptions &options_;
  double largest_ = 0; // of the scores
  std::vector<TokenScore> candidates_;
  std::vector<double> weights_; // of the first candidates: proportional to
                                // their probabilities, 1 for the best
};

} // namespace llmc

#endif
