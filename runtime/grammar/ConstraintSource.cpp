// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/ConstraintSource.h"
#include "runtime/grammar/GrammarText.h"
#include "runtime/grammar/JsonSchema.h"

namespace llmc::grammar {

Result<std::shared_ptr<const TokenTexts>>
tokenTexts(const text::Tokenizer &tokenizer) {
  auto bytes = tokenizer.tokenBytes();
  if (!bytes)
    return bytes.takeStatus();
  return std::make_shared<const TokenTexts>(TokenTexts{
      TokenTrie(bytes->later), TokenTrie(bytes->first), !bytes->first.empty()});
}

Result<Automaton> buildAutomaton(const ConstraintSource &source) {
  bool isSchema = source.kind == ConstraintKind::JsonSchema;
  auto grammar =
      isSchema ? parseJsonSchema(source.text) : parseGrammar(source.text);
  if (!grammar)
    return grammar.takeStatus();
  return Automaton::build(*grammar);
}

Result<std::shared_ptr<Constraint>>
makeConstraint(const ConstraintSource &source,
               std::shared_ptr<const TokenTexts> tokens) {
  auto automaton = buildAutomaton(source);
  if (!automaton)
    return automaton.takeStatus();
  return std::make_shared<Constraint>(std::move(*automaton), std::move(tokens));
}

} // namespace llmc::grammar
