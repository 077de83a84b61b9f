// SPDX-License-Identifier: Apache-2.0
// From the text of a JSON schema or a grammar to a constraint. Used by whoever
// generates text. Stateless.
#ifndef LLMC_RUNTIME_GRAMMAR_CONSTRAINTSOURCE_H
#define LLMC_RUNTIME_GRAMMAR_CONSTRAINTSOURCE_H

#include "runtime/grammar/Constraint.h"
#include "runtime/text/Tokenizer.h"

namespace llmc::grammar {

enum class ConstraintKind { JsonSchema, Grammar };

struct ConstraintSource {
  ConstraintKind kind = ConstraintKind::JsonSchema;
  std::string text = {};
  bool operator==(const ConstraintSource &) const = default;
};

/// Unsupported where the tokenizer's decoder cannot be followed token by token.
Result<std::shared_ptr<const TokenTexts>>
tokenTexts(const text::Tokenizer &tokenizer);

/// The automaton of a source; failures have the place in it as `where`.
Result<Automaton> buildAutomaton(const ConstraintSource &source);

Result<std::shared_ptr<Constraint>>
makeConstraint(const ConstraintSource &source,
               std::shared_ptr<const TokenTexts> tokens);

} // namespace llmc::grammar

#endif
