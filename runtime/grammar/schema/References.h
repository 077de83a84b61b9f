// SPDX-License-Identifier: Apache-2.0
// Schemas that stand for others: $ref, and allOf as one schema that says what
// all of them say. Private to this folder; owns the schemas that it makes.
#ifndef LLMC_RUNTIME_GRAMMAR_SCHEMA_REFERENCES_H
#define LLMC_RUNTIME_GRAMMAR_SCHEMA_REFERENCES_H

#include "runtime/grammar/schema/Failure.h"
#include <deque>

namespace llmc::grammar {

class References {
public:
  /// The schema must outlive it.
  explicit References(const Json &root) : root_(root) {}

  /// What the schema's $ref points at.
  Subschema target(const Subschema &schema) const;
  /// The schema, or one without $ref and allOf that says the same. Subschemas
  /// of its keywords stay as they are.
  Subschema flat(const Subschema &schema);
  /// One schema that says what both say; both are flat.
  Subschema both(const Subschema &a, const Subschema &b);
  /// The schema without a keyword.
  Subschema without(const Subschema &schema, const char *keyword);

private:
  const Json *keep(Json json);
  void merge(Json &into, const Json &from, const std::string &pointer);

  const Json &root_;
  std::deque<Json> made_; // keeps addresses
  size_t madeValues_ = 0; // in all of them
};

/// Whether a keyword only says what a schema is about: title, examples, ...
bool isAnnotation(std::string_view keyword);
/// Whether a schema has no other keyword than this one and annotations.
bool hasOnly(const Json &schema, std::string_view keyword);

} // namespace llmc::grammar

#endif
