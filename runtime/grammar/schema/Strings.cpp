// SPDX-License-Identifier: Apache-2.0
// Strings: lengths, patterns and formats.
#include "runtime/grammar/schema/Pattern.h"
#include "runtime/grammar/schema/SchemaBuilder.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::grammar {

/// RFC 8259, without \u escapes of surrogates, which are no characters of their
/// own.
ExpressionId SchemaBuilder::makeCharacter() {
  ExpressionId plain = grammar_.characters(complement(
      normalized({{0, 0x1F}, {'"', '"'}, {'\\', '\\'}, {0x7F, 0x7F}})));
  auto oneOf = [&](std::string_view characters) {
    CodePoints ranges;
    for (char c : characters)
      ranges.push_back({static_cast<uint32_t>(c), static_cast<uint32_t>(c)});
    return grammar_.characters(std::move(ranges));
  };
  ExpressionId hex = oneOf("0123456789abcdefABCDEF");
  ExpressionId code =
      grammar_.choice({grammar_.sequence({oneOf("0123456789abcefABCEF"), hex}),
                       grammar_.sequence({oneOf("dD"), oneOf("01234567")})});
  return grammar_.choice(
      {plain, grammar_.sequence(
                  {grammar_.literal("\\"),
                   grammar_.choice({oneOf("\"\\/bfnrt"),
                                    grammar_.sequence({grammar_.literal("u"),
                                                       code, hex, hex})})})});
}

ExpressionId SchemaBuilder::makeAnyString() {
  return grammar_.sequence(
      {grammar_.literal("\""),
       grammar_.repeat(character(), 0, Expression::unbounded),
       grammar_.literal("\"")});
}

namespace {

// RFC 3339. February has 29 days in leap years; years begin with 1000.
constexpr const char *dates =
    "[1-9][0-9]{3}-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))|"
    "((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8])))|"
    "([1-9][0-9](0[48]|[2468][048]|[13579][26])|"
    "([2468][048]|[13579][26])00)-02-29";
constexpr const char *times =
    "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?"
    "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";

/// A pattern of the format, empty where it is not known.
std::string patternOf(std::string_view format) {
  auto within = [](std::string inner) { return "^(" + inner + ")$"; };
  if (format == "date")
    return within(dates);
  if (format == "time")
    return within(times);
  if (format == "date-time")
    return within("(" + std::string(dates) + ")T" + times);
  if (format == "uuid")
    return within("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  if (format == "email")
    return within("[A-Za-z0-9_+-]{1,32}(\\.[A-Za-z0-9_+-]{1,32}){0,3}@"
                  "([A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?\\.){1,4}"
                  "[A-Za-z]{2,16}");
  if (format == "ipv4") {
    std::string part = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    return within("(" + part + "\\.){3}" + part);
  }
  return "";
}

} // namespace

ExpressionId SchemaBuilder::string(const Subschema &schema) {
  const Json *pattern = find(*schema.json, "pattern");
  const Json *format = find(*schema.json, "format");
  auto least = countOf(schema, "minLength"),
       most = countOf(schema, "maxLength");
  if (!pattern && !format && !least && !most)
    return anyString();
  for (const char *keyword : {"pattern", "format"})
    if (const Json *text = find(*schema.json, keyword);
        text && !text->is_string())
      refuse(pointerTo(schema.pointer, keyword),
             fmt::format("{} is not a string", keyword));
  if ((pattern != nullptr) + (format != nullptr) + (least || most) > 1)
    refuseUnsupported(schema.pointer, "of pattern, format and the lengths of a "
                                      "string one is supported at a time");
  ExpressionId inner = 0;
  if (pattern || format) {
    std::string pointer =
        pointerTo(schema.pointer, pattern ? "pattern" : "format");
    std::string text = pattern ? pattern->get<std::string>()
                               : patternOf(format->get<std::string>());
    if (format && text.empty())
      refuseUnsupported(pointer,
                        fmt::format("format '{}' is not supported; there are "
                                    "date, time, date-time, uuid, email, ipv4",
                                    format->get<std::string>()));
    auto parsed = parsePattern(grammar_, text);
    if (!parsed)
      throw SchemaFailure{parsed.takeStatus().at(pointer)};
    inner = *parsed;
  } else {
    if (most && least.value_or(0) > *most)
      refuse(schema.pointer, "minLength is larger than maxLength");
    inner = grammar_.repeat(character(), least.value_or(0),
                            most.value_or(Expression::unbounded));
  }
  return ruleOf(schema.pointer,
                grammar_.sequence(
                    {grammar_.literal("\""), inner, grammar_.literal("\"")}));
}

} // namespace llmc::grammar
