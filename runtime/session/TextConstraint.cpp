// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/TextConstraint.h"
#include <algorithm>
#include <limits>

namespace llmc {

static constexpr float never = -std::numeric_limits<float>::infinity();

Result<NextTokens> TextConstraint::next() {
  if (!isActive())
    return NextTokens();
  auto allowed = options_->constraint->allowed(text_);
  if (!allowed)
    return allowed.takeStatus();
  return NextTokens{allowed->tokens, allowed->any, allowed->end};
}

void TextConstraint::restrict(std::span<float> scores,
                              const NextTokens &next) const {
  if (!isActive())
    return;
  // An end token ends the text, also where it has a text of its own.
  std::vector<float> ends;
  for (uint32_t token : options_->stopTokens)
    ends.push_back(next.mayEnd && token < scores.size() ? scores[token]
                                                        : never);
  for (size_t begin = 0; begin < scores.size(); begin += 64) {
    uint64_t bits =
        begin / 64 < next.tokens.size() ? next.tokens[begin / 64] : 0;
    if (bits == ~uint64_t{0})
      continue;
    size_t end = std::min(begin + 64, scores.size());
    for (size_t i = begin; i < end; ++i)
      scores[i] = bits >> (i - begin) & 1 ? scores[i] : never;
  }
  for (size_t i = 0; i < ends.size(); ++i)
    if (uint32_t token = options_->stopTokens[i]; token < scores.size())
      scores[token] = ends[i];
}

Status TextConstraint::add(uint32_t token) {
  return isActive() ? options_->constraint->add(text_, token) : Status();
}

Result<bool> TextConstraint::isOver() {
  if (!isActive() || !options_->stopTokens.empty())
    return false;
  auto allowed = next();
  if (!allowed)
    return allowed.takeStatus();
  return !allowed->mayGoOn;
}

} // namespace llmc
