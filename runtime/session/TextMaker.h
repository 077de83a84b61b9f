// SPDX-License-Identifier: Apache-2.0
// One text from logits: chooses its tokens, tells them with their text, and
// says when it ends. Knows nothing of where logits come from, so that sessions
// and the scheduler make the same text of the same logits. One thread at a
// time.
#ifndef LLMC_RUNTIME_SESSION_TEXTMAKER_H
#define LLMC_RUNTIME_SESSION_TEXTMAKER_H

#include "runtime/session/GenerateOptions.h"
#include "runtime/session/LogitProcessors.h"
#include "runtime/session/Sampler.h"
#include "runtime/session/TextConstraint.h"
#include "runtime/session/TextOutput.h"
#include <chrono>

namespace llmc {

/// Chooses a token by its logits, as the settings say.
class TokenChoice {
public:
  /// Of completed options, which must outlive it.
  explicit TokenChoice(const GenerateOptions &options)
      : processors_(options), sampler_(options) {}

  /// The token of sequence `sequence` behind `history`, whose first
  /// `promptTokens` are the prompt and the rest has met `constraint`, if any.
  Result<uint32_t> choose(std::span<const float> logits,
                          std::span<const int64_t> history, size_t promptTokens,
                          int64_t sequence, TextConstraint *constraint);

private:
  LogitProcessors processors_;
  Sampler sampler_;
  std::vector<float> scores_; // logits after the processors
};

/// The end of the time that the settings give, from now on.
class TimeLimit {
public:
  explicit TimeLimit(double seconds) : seconds_(seconds) {}
  bool isOver() const {
    std::chrono::duration<double> passed = Clock::now() - start_;
    return seconds_ > 0 && passed.count() >= seconds_;
  }

private:
  using Clock = std::chrono::steady_clock;
  double seconds_; // 0: none
  Clock::time_point start_ = Clock::now();
};

/// Whether the token ends a text, by completed options.
bool isStopToken(const GenerateOptions &options, uint32_t token);

class TextMaker {
public:
  /// Completed options; all must outlive it. `capacity` are the positions that
  /// caches have for prompt and text.
  TextMaker(const text::Tokenizer &tokenizer, const GenerateOptions &options,
            const OnToken &onToken, std::span<const int64_t> prompt,
            int64_t sequence, int64_t capacity, const TimeLimit &limit);

  /// Takes the token that the logits behind all tokens so far give. None: the
  /// text goes on with it, and it is the last of tokens().
  Result<Finish> take(std::span<const float> logits);

  /// The prompt and the text so far, without an end token.
  std::span<const int64_t> tokens() const { return history_; }
  size_t promptTokens() const { return promptTokens_; }
  int64_t sequence() const { return sequence_; }
  const GenerateOptions &options() const { return options_; }
  /// Tokens of the text.
  int64_t made() const {
    return static_cast<int64_t>(history_.size() - promptTokens_);
  }
  /// Tokens that may come behind the last one.
  int64_t room() const;

private:
  double logprobOf(uint32_t token, std::span<const float> logits);

  const GenerateOptions &options_;
  const TimeLimit &limit_;
  TokenChoice choice_;
  TextConstraint constraint_;
  TextOutput output_;
  size_t promptTokens_;
  int64_t sequence_, capacity_;
  std::vector<int64_t> history_;
  std::vector<TokenScore> likeliest_;
};

} // namespace llmc

#endif
