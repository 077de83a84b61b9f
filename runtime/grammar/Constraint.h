// SPDX-License-Identifier: Apache-2.0
// A grammar over the tokens of a vocabulary: which of them may come next in a
// text. Used by the generator, for any number of texts in turn. Keeps what it
// has computed; one thread at a time.
#ifndef LLMC_RUNTIME_GRAMMAR_CONSTRAINT_H
#define LLMC_RUNTIME_GRAMMAR_CONSTRAINT_H

#include "runtime/grammar/StateMasks.h"
#include <memory>

namespace llmc::grammar {

/// What the tokens of a tokenizer add to a text. Immutable; shared.
struct TokenTexts {
  TokenTrie later;
  TokenTrie first; // of a text's first token; empty where it is the same
  bool firstDiffers = false;
};

/// A text as far as it has come; copies go on by themselves.
class ConstrainedText {
public:
  const std::vector<uint32_t> &tokens() const { return tokens_; }

private:
  friend class Constraint;
  std::vector<uint32_t> tokens_;
  SetId set_ = 0;
  uint64_t generation_ = 0; // of the sets; 0: none
};

/// What may come next. Valid until the constraint's next call.
struct Allowed {
  std::span<const uint64_t> tokens; // bits by token
  bool any;                         // of them
  bool end;                         // the text may end here
};

class Constraint {
public:
  Constraint(Automaton automaton, std::shared_ptr<const TokenTexts> tokens);

  /// BadInput where neither a token nor the end is possible: the vocabulary
  /// lacks what the grammar asks for.
  Result<Allowed> allowed(ConstrainedText &text);
  /// Adds a token that is allowed.
  Status add(ConstrainedText &text, uint32_t token);

  const Automaton &automaton() const { return automaton_; }
  /// What a state allows whatever its stack is; valid until the next call. To
  /// be stored, and to be taken from what was.
  Result<const StateMask *> maskOf(StateId state);
  void setMask(StateId state, StateMask mask) {
    stateMasks_.set(state, std::move(mask));
  }

private:
  /// What a text's token at this place is read by.
  const TokenTrie &trieAt(size_t place) const {
    return place == 0 && tokens_->firstDiffers ? tokens_->first
                                               : tokens_->later;
  }
  Status renew(ConstrainedText &text);
  Status takeFailure();
  void forgetSets();
  TokenBits newBits() const;
  const TokenBits &firstMask(SetId set);
  const TokenBits &laterMask(SetId set);
  void tryUncertain(SetId set, std::span<const TokenTrie::Rank> ranks,
                    TokenBits &bits);
  Status lacksTokens(SetId set) const;

  Automaton automaton_;
  std::shared_ptr<const TokenTexts> tokens_;
  StateSets sets_;
  StateMasks stateMasks_;
  std::unordered_map<SetId, TokenBits> masks_; // of later tokens
  TokenBits firstMask_; // where the first token differs; empty: not computed
  uint64_t generation_ = 1;
  // Of tryUncertain(): the sets after each byte of the last token.
  std::vector<SetId> path_;
};

} // namespace llmc::grammar

#endif
