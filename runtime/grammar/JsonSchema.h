// SPDX-License-Identifier: Apache-2.0
// JSON Schema (draft 2020-12) as a grammar of JSON texts: what matches it, the
// schema accepts. Not every text that the schema accepts matches:
// docs/constraints.md says which are made. Stateless.
#ifndef LLMC_RUNTIME_GRAMMAR_JSONSCHEMA_H
#define LLMC_RUNTIME_GRAMMAR_JSONSCHEMA_H

#include "runtime/grammar/Grammar.h"

namespace llmc::grammar {

/// Unsupported names a keyword that no grammar is made of, BadInput what is no
/// schema; both have the place in it as `where`, a JSON pointer.
Result<Grammar> parseJsonSchema(std::string_view text);

} // namespace llmc::grammar

#endif
