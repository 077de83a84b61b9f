// SPDX-License-Identifier: Apache-2.0
// Regular expressions of JSON Schema (ECMA-262) as grammars of the inside of
// JSON strings. Private to this folder; stateless.
#ifndef LLMC_RUNTIME_GRAMMAR_SCHEMA_PATTERN_H
#define LLMC_RUNTIME_GRAMMAR_SCHEMA_PATTERN_H

#include "runtime/grammar/Grammar.h"

namespace llmc::grammar {

/// The characters of JSON strings that the pattern finds a match in, escaped
/// where JSON asks for it. Without ^ and $ others may stand before and after
/// the match. Unsupported where it is not regular or looks around.
Result<ExpressionId> parsePattern(Grammar &grammar, std::string_view pattern);

} // namespace llmc::grammar

#endif
