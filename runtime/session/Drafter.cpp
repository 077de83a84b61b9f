// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Drafter.h"
#include "runtime/session/Roles.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc {

// Runs of tokens that are looked up, the longest first. One token alone says
// too little of what follows.
static constexpr size_t longestRun = 4;
static constexpr size_t shortestRun = 2;
static constexpr int64_t mostProposed = 64;

Result<std::span<const int64_t>> NgramDrafter::propose(const TextMaker &text,
                                                       size_t most) {
  std::span<const int64_t> all = text.tokens();
  for (size_t n = longestRun; n >= shortestRun; --n) {
    if (all.size() <= n)
      continue;
    auto run = all.last(n);
    // The latest place is the likeliest to go on alike.
    for (size_t i = all.size() - n; i-- > 0;)
      if (std::equal(run.begin(), run.end(), all.begin() + ptrdiff_t(i)))
        return follow(all, i + n, most);
  }
  return std::span<const int64_t>();
}

/// The tokens from a place on; behind the last one those that are proposed.
std::span<const int64_t> NgramDrafter::follow(std::span<const int64_t> all,
                                              size_t from, size_t most) {
  tokens_.clear();
  for (size_t i = 0; i < most; ++i, ++from)
    tokens_.push_back(from < all.size() ? all[from]
                                        : tokens_[from - all.size()]);
  return tokens_;
}

/// Logits behind the tokens, of which the session keeps what it has.
Result<Session::Logits>
ModelDrafter::readBehind(std::span<const int64_t> tokens) {
  auto differ = std::mismatch(held_.begin(), held_.end(), tokens.begin(),
                              tokens.end() - 1);
  held_.erase(differ.first, held_.end());
  if (Status status = session_.rewind(static_cast<int64_t>(held_.size()));
      !status)
    return status;
  auto rest = tokens.subspan(held_.size());
  auto logits =
      rest.size() == 1 ? session_.decode(rest[0]) : session_.prefill(rest);
  if (logits)
    held_.assign(tokens.begin(), tokens.end());
  return logits;
}

Result<std::span<const int64_t>> ModelDrafter::propose(const TextMaker &text,
                                                       size_t most) {
  tokens_.assign(text.tokens().begin(), text.tokens().end());
  size_t first = tokens_.size();
  TokenChoice choice(text.options());
  while (tokens_.size() - first < most &&
         static_cast<int64_t>(tokens_.size()) <= session_.capacity()) {
    auto logits = readBehind(tokens_);
    if (!logits)
      return logits.takeStatus();
    auto token =
        choice.choose(*logits, tokens_, text.promptTokens(), text.sequence(),
                      /*constraint=*/nullptr);
    if (!token)
      return token.takeStatus();
    if (isStopToken(text.options(), *token))
      break;
    tokens_.push_back(*token);
  }
  return std::span<const int64_t>(tokens_).subspan(first);
}

static Result<int64_t> vocabularyOf(const Model &model) {
  auto entry = model.entry("", "decode");
  if (!entry)
    return entry.takeStatus();
  return vocabularySize(*entry->info).value_or(0);
}

Status checkDraft(const Model &model, const Model &draft) {
  auto vocabulary = vocabularyOf(model), others = vocabularyOf(draft);
  if (!vocabulary)
    return vocabulary.takeStatus();
  if (!others)
    return others.takeStatus();
  auto own = model.artifact().file("tokenizer.json"),
       other = draft.artifact().file("tokenizer.json");
  bool same =
      own && other &&
      std::equal(own->begin(), own->end(), other->begin(), other->end());
  if (!same || *vocabulary != *others)
    return Error{.code = Code::BadInput,
                 .what = "has not the tokenizer of the model that it is to "
                         "draft for",
                 .file = draft.artifact().path(),
                 .hint = "a draft is a smaller model of the same family"};
  return Status();
}

Status checkSpeculation(int64_t tokens) {
  if (tokens >= 1 && tokens <= mostProposed)
    return Status();
  return Status(Code::BadInput,
                fmt::format("{} tokens proposed at once: must be between 1 "
                            "and {}",
                            tokens, mostProposed));
}

} // namespace llmc
