// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/TextMaker.h"
#include "runtime/session/Scores.h"
#include <algorithm>

namespace llmc {

Result<uint32_t> TokenChoice::choose(std::span<const float> logits,
                                     std::span<const int64_t> history,
                                     size_t promptTokens, int64_t sequence,
                                     TextConstraint *constraint) {
  bool isConstrained = constraint && constraint->isActive();
  std::span<const float> scores = logits;
  if (processors_.isActive() || isConstrained) {
    auto next =
        isConstrained ? constraint->next() : Result<NextTokens>(NextTokens());
    if (!next)
      return next.takeStatus();
    scores_.assign(logits.begin(), logits.end());
    processors_.apply(scores_, history, promptTokens, !next->mayGoOn);
    if (isConstrained)
      constraint->restrict(scores_, *next);
    scores = scores_;
  }
  return sampler_.choose(scores, static_cast<uint64_t>(sequence),
                         history.size() - promptTokens);
}

bool isStopToken(const GenerateOptions &options, uint32_t token) {
  return std::binary_search(options.stopTokens.begin(),
                            options.stopTokens.end(), token);
}

TextMaker::TextMaker(const text::Tokenizer &tokenizer,
                     const GenerateOptions &options, const OnToken &onToken,
                     std::span<const int64_t> prompt, int64_t sequence,
                     int64_t capacity, const TimeLimit &limit)
    : options_(options), limit_(limit), choice_(options), constraint_(options),
      output_(tokenizer, options, onToken, sequence),
      promptTokens_(prompt.size()), sequence_(sequence), capacity_(capacity),
      history_(prompt.begin(), prompt.end()) {}

Result<Finish> TextMaker::take(std::span<const float> logits) {
  auto isOver = constraint_.isOver();
  if (!isOver)
    return isOver.takeStatus();
  if (*isOver)
    return output_.end(Finish::Complete);
  auto token =
      choice_.choose(logits, history_, promptTokens_, sequence_, &constraint_);
  if (!token)
    return token.takeStatus();
  if (isStopToken(options_, *token))
    return output_.end(Finish::EndToken);
  double logprob = options_.logprobs ? logprobOf(*token, logits) : 0;
  history_.push_back(*token);
  if (Status status = constraint_.add(*token); !status)
    return status;
  auto finish = output_.push(*token, logprob, likeliest_);
  if (!finish)
    return finish;
  if (*finish == Finish::None && room() <= 0)
    finish = Finish::Length;
  if (*finish == Finish::None && limit_.isOver())
    finish = Finish::Time;
  if (*finish == Finish::None)
    return finish;
  return output_.end(*finish);
}

int64_t TextMaker::room() const {
  // The last token itself needs a position before another can follow.
  auto positions = capacity_ - static_cast<int64_t>(history_.size()) + 1;
  return std::min(*options_.maxTokens - made(), positions);
}

/// Also sets the likeliest tokens.
double TextMaker::logprobOf(uint32_t token, std::span<const float> logits) {
  double sum = logSumExp(logits);
  selectBest(logits, static_cast<size_t>(*options_.logprobs), likeliest_);
  for (TokenScore &likely : likeliest_)
    likely.score = static_cast<float>(likely.score - sum);
  return logits[token] - sum;
}

} // namespace llmc
