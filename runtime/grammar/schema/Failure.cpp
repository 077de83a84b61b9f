// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/schema/Failure.h"
#include <fmt/format.h>

namespace llmc::grammar {

void refuse(const std::string &pointer, std::string what) {
  throw SchemaFailure{
      Error{.code = Code::BadInput, .what = std::move(what), .where = pointer}};
}

void refuseUnsupported(const std::string &pointer, std::string what) {
  throw SchemaFailure{Error{
      .code = Code::Unsupported, .what = std::move(what), .where = pointer}};
}

std::string pointerTo(const std::string &pointer, std::string_view key) {
  std::string out = pointer + "/";
  for (char c : key)
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  return out;
}

std::optional<uint32_t> countOf(const Subschema &schema, const char *keyword) {
  const Json *value = find(*schema.json, keyword);
  if (!value)
    return std::nullopt;
  std::string pointer = pointerTo(schema.pointer, keyword);
  double number = value->is_number() ? value->get<double>() : -1;
  if (!(number >= 0) || number != static_cast<double>(static_cast<int64_t>(
                                      std::min(number, 1e15))))
    refuse(pointer, fmt::format("{} is not a count", keyword));
  if (number > limits::repetitions)
    refuseUnsupported(pointer, fmt::format("{} is larger than {}", keyword,
                                           limits::repetitions));
  return static_cast<uint32_t>(number);
}

const Json *arrayOf(const Subschema &schema, const char *keyword) {
  const Json *value = find(*schema.json, keyword);
  if (value && !value->is_array())
    refuse(pointerTo(schema.pointer, keyword),
           fmt::format("{} is not an array", keyword));
  return value;
}

} // namespace llmc::grammar
