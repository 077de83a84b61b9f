// SPDX-License-Identifier: Apache-2.0
// What the options' constraint says of one text in the making: which tokens may
// come next, end tokens among them. Used by the generator and the beam search,
// whose texts are copies of each other; one thread at a time.
#ifndef LLMC_RUNTIME_SESSION_TEXTCONSTRAINT_H
#define LLMC_RUNTIME_SESSION_TEXTCONSTRAINT_H

#include "runtime/grammar/Constraint.h"
#include "runtime/session/GenerateOptions.h"
#include <span>

namespace llmc {

/// What may come next: tokens, end tokens, or both. Valid until the next call
/// for any text of the same constraint.
struct NextTokens {
  std::span<const uint64_t> tokens = {}; // bits by token
  bool mayGoOn = true;
  bool mayEnd = true;
};

class TextConstraint {
public:
  /// Completed options, which must outlive it.
  explicit TextConstraint(const GenerateOptions &options)
      : options_(&options) {}

  bool isActive() const { return options_->constraint != nullptr; }
  /// Without a constraint all may come.
  Result<NextTokens> next();
  /// Rules out the scores of all others.
  void restrict(std::span<float> scores, const NextTokens &next) const;
  /// The text goes on with a token, which is no end token.
  Status add(uint32_t token);
  /// The text is complete, nothing may follow, and no end token says so.
  Result<bool> isOver();

private:
  const GenerateOptions *options_;
  grammar::ConstrainedText text_;
};

} // namespace llmc

#endif
