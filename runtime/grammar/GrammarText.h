// SPDX-License-Identifier: Apache-2.0
// Reads grammars as text in GBNF, the notation of llama.cpp: rules `name ::=
// ...` of literals, character classes, names, groups, `|` and repetitions; the
// rule `root` is what a text must match. Stateless.
#ifndef LLMC_RUNTIME_GRAMMAR_GRAMMARTEXT_H
#define LLMC_RUNTIME_GRAMMAR_GRAMMARTEXT_H

#include "runtime/grammar/Grammar.h"

namespace llmc::grammar {

/// BadInput has line and column as `where`.
Result<Grammar> parseGrammar(std::string_view text);

} // namespace llmc::grammar

#endif
