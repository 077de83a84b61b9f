// SPDX-License-Identifier: Apache-2.0
// Whether two schemas exclude each other, which oneOf asks for. Private to this
// folder; stateless.
#ifndef LLMC_RUNTIME_GRAMMAR_SCHEMA_DISJOINT_H
#define LLMC_RUNTIME_GRAMMAR_SCHEMA_DISJOINT_H

#include "runtime/grammar/schema/References.h"

namespace llmc::grammar {

/// Of the keyword `type`: a name or a list of them.
std::vector<std::string> typesIn(const Json &type);
/// By its name in JSON Schema; an integer has the type "integer".
std::string_view typeOf(const Json &value);
/// Whether a value of the type `have` is one of the type `want`.
bool isOfType(std::string_view have, std::string_view want);

/// The types that texts are made of for a flat schema: what `type` says, else
/// those that its keywords are about, else all.
std::vector<std::string> typesOf(const Subschema &schema);

/// No text that is made for the schema `made` matches the schema `other`. False
/// also where it is not found out.
bool excludes(References &references, const Subschema &made,
              const Subschema &other);

} // namespace llmc::grammar

#endif
