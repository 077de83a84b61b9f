// SPDX-License-Identifier: Apache-2.0
// What changes the scores of the next token before one is chosen: bias,
// penalties for repetition, what may not come now. Used by greedy choice,
// sampling and beam search. Keeps counters, so for one thread at a time, but
// nothing of a text: that is given with every call.
#ifndef LLMC_RUNTIME_SESSION_LOGITPROCESSORS_H
#define LLMC_RUNTIME_SESSION_LOGITPROCESSORS_H

#include "runtime/session/GenerateOptions.h"
#include <span>
#include <vector>

namespace llmc {

class LogitProcessors {
public:
  /// Of completed options, which must outlive it.
  explicit LogitProcessors(const GenerateOptions &options)
      : options_(options) {}

  /// Whether apply() may change anything, now or later.
  bool isActive() const;

  /// Changes the scores (logits, or log probabilities in a beam search) of the
  /// token after `history`, whose first `promptTokens` are the prompt. The
  /// minimum of tokens does not hold for a text that must end.
  void apply(std::span<float> scores, std::span<const int64_t> history,
             size_t promptTokens, bool mustEnd);

private:
  void addBias(std::span<float> scores) const;
  void penalizeRepetition(std::span<float> scores,
                          std::span<const int64_t> history);
  void penalizeUse(std::span<float> scores, std::span<const int64_t> text);
  void banRepeatedRuns(std::span<float> scores,
                       std::span<const int64_t> history) const;
  void banEnds(std::span<float> scores) const;
  void force(std::span<float> scores, size_t made) const;

  const GenerateOptions &options_;
  std::vector<uint32_t> counts_; // by token; zero between calls
};

} // namespace llmc

#endif
