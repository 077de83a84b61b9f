// SPDX-License-Identifier: Apache-2.0
// How reading a schema fails, and small readings of its keywords. Private to
// this folder.
#ifndef LLMC_RUNTIME_GRAMMAR_SCHEMA_FAILURE_H
#define LLMC_RUNTIME_GRAMMAR_SCHEMA_FAILURE_H

#include "runtime/grammar/Grammar.h"
#include <nlohmann/json.hpp>
#include <optional>

namespace llmc::grammar {

/// Keeps the order of properties.
using Json = nlohmann::ordered_json;

/// A schema within the whole: never null, with its place as a JSON pointer.
struct Subschema {
  const Json *json;
  std::string pointer; // "#/properties/name"
  size_t depth = 0;    // of subschemas
};

struct SchemaFailure {
  Status status;
};

/// The schema is wrong.
[[noreturn]] void refuse(const std::string &pointer, std::string what);
/// It is right, but nothing is made of it.
[[noreturn]] void refuseUnsupported(const std::string &pointer,
                                    std::string what);

/// A pointer one step further: `key` with ~ and / escaped.
std::string pointerTo(const std::string &pointer, std::string_view key);

/// Null where it is absent.
inline const Json *find(const Json &schema, const char *keyword) {
  auto it = schema.find(keyword);
  return it == schema.end() ? nullptr : &*it;
}
/// A count of a keyword such as minLength, at most limits::repetitions.
std::optional<uint32_t> countOf(const Subschema &schema, const char *keyword);
/// `keyword` must be an array if it is there.
const Json *arrayOf(const Subschema &schema, const char *keyword);

} // namespace llmc::grammar

#endif
