// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/schema/SchemaBuilder.h"
#include "runtime/grammar/JsonSchema.h"
#include "runtime/grammar/schema/Disjoint.h"
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::grammar {

static constexpr size_t mostSchemaBytes = size_t(1) << 20;
static constexpr int mostJsonDepth = 300;
static constexpr uint32_t indentation = 16;  // spaces after a line end
static constexpr size_t mostExclusive = 100; // branches of oneOf

/// The same text in several places is one rule.
ExpressionId SchemaBuilder::shared(const char *name,
                                   ExpressionId (SchemaBuilder::*make)()) {
  auto [it, isNew] = sharedRules_.try_emplace(name, 0);
  if (isNew) {
    it->second = grammar_.addRule(name);
    uint32_t rule = it->second;
    grammar_.setBody(rule, (this->*make)());
    return grammar_.use(rule);
  }
  return grammar_.use(it->second);
}

ExpressionId SchemaBuilder::ruleOf(const std::string &name, ExpressionId body) {
  uint32_t rule = grammar_.addRule(name);
  grammar_.setBody(rule, body);
  return grammar_.use(rule);
}

/// Nothing, a space, or a line end with an indentation.
ExpressionId SchemaBuilder::makeSpace() {
  return grammar_.choice(
      {grammar_.empty(), grammar_.literal(" "),
       grammar_.sequence(
           {grammar_.literal("\n"),
            grammar_.repeat(grammar_.characters({{' ', ' '}, {'\t', '\t'}}), 0,
                            indentation)})});
}

/// `inner` with white space around it; where it may be empty, the first space
/// is part of it.
ExpressionId SchemaBuilder::bracketed(const char *open, ExpressionId inner,
                                      const char *close) {
  return grammar_.sequence(
      {grammar_.literal(open), space(), inner, grammar_.literal(close)});
}

ExpressionId SchemaBuilder::makeAny() {
  return grammar_.choice({anyObject(), anyArray(), anyString(), anyNumber(),
                          grammar_.literal("true"), grammar_.literal("false"),
                          grammar_.literal("null")});
}

namespace {

void refuseUnknownAssertions(const Subschema &schema) {
  constexpr const char *unsupported[] = {"not",
                                         "if",
                                         "then",
                                         "else",
                                         "patternProperties",
                                         "propertyNames",
                                         "minProperties",
                                         "maxProperties",
                                         "dependentRequired",
                                         "dependentSchemas",
                                         "dependencies",
                                         "unevaluatedProperties",
                                         "unevaluatedItems",
                                         "uniqueItems",
                                         "contains",
                                         "minContains",
                                         "maxContains",
                                         "multipleOf",
                                         "additionalItems",
                                         "$dynamicRef",
                                         "$recursiveRef"};
  for (const char *keyword : unsupported) {
    const Json *value = find(*schema.json, keyword);
    if (value && !(value->is_boolean() && !value->get<bool>() &&
                   keyword == std::string_view("uniqueItems")))
      refuseUnsupported(pointerTo(schema.pointer, keyword),
                        fmt::format("{} is not supported", keyword));
  }
}

/// A list of values is not held against other keywords than the type.
void refuseBesideValues(const Subschema &schema) {
  for (const auto &[keyword, value] : schema.json->items())
    for (const char *other :
         {"properties", "required", "additionalProperties", "items",
          "prefixItems", "minItems", "maxItems", "minLength", "maxLength",
          "pattern", "format", "minimum", "maximum", "exclusiveMinimum",
          "exclusiveMaximum", "anyOf", "oneOf"})
      if (keyword == other)
        refuseUnsupported(
            pointerTo(schema.pointer, keyword),
            fmt::format("{} beside enum or const is not supported", keyword));
}

} // namespace

ExpressionId SchemaBuilder::value(const Subschema &schema) {
  if (grammar_.isTooLarge())
    throw SchemaFailure{Grammar::tooLarge()};
  if (schema.depth > limits::depth)
    refuse(schema.pointer,
           fmt::format("subschemas nest deeper than {}", limits::depth));
  const Json &json = *schema.json;
  if (json.is_boolean()) {
    if (!json.get<bool>())
      refuse(schema.pointer, "no value matches the schema false");
    return anyValue();
  }
  if (!json.is_object())
    refuse(schema.pointer, "a schema is an object or a boolean");
  refuseUnknownAssertions(schema);
  if (find(json, "$ref"))
    return reference(schema);
  if (const Json *all = arrayOf(schema, "allOf")) {
    // One alone, as some programs write references, may come to itself.
    if (all->size() == 1 && hasOnly(json, "allOf"))
      return value({&(*all)[0], pointerTo(schema.pointer, "allOf") + "/0",
                    schema.depth + 1});
    return value(references_.flat(schema));
  }
  if (find(json, "enum") || find(json, "const"))
    return listed(schema);
  if (find(json, "anyOf"))
    return branches(schema, "anyOf");
  if (find(json, "oneOf"))
    return branches(schema, "oneOf");
  return ofTypes(schema);
}

/// A reference alone is a rule, which may come to itself.
ExpressionId SchemaBuilder::reference(const Subschema &schema) {
  if (!hasOnly(*schema.json, "$ref"))
    return value(references_.flat(schema));
  Subschema target = references_.target(schema);
  auto [it, isNew] = referredRules_.try_emplace(target.json, 0);
  if (isNew) {
    it->second = grammar_.addRule(target.pointer);
    target.depth = 0; // a rule of its own, which is made once
    open_.emplace_back(it->second, target);
  }
  return grammar_.use(it->second);
}

/// anyOf or oneOf, each branch together with the keywords beside it.
ExpressionId SchemaBuilder::branches(const Subschema &schema,
                                     const char *keyword) {
  const Json &list = *arrayOf(schema, keyword);
  std::string pointer = pointerTo(schema.pointer, keyword);
  if (list.empty())
    refuse(pointer, fmt::format("{} is empty", keyword));
  bool isExclusive = keyword == std::string_view("oneOf");
  if (isExclusive && list.size() > mostExclusive)
    refuseUnsupported(
        pointer, fmt::format("oneOf has more than {} branches", mostExclusive));
  auto branch = [&](size_t i) {
    return Subschema{&list[i], pointerTo(pointer, std::to_string(i)),
                     schema.depth + 1};
  };
  for (size_t i = 0; isExclusive && i < list.size(); ++i)
    for (size_t j = 0; j < list.size(); ++j)
      if (i != j && !excludes(references_, branch(i), branch(j)))
        refuseUnsupported(
            pointer,
            fmt::format("a value may match both branch {} and branch {} of "
                        "oneOf: use anyOf, or tell them apart by type, const "
                        "or required properties",
                        std::min(i, j), std::max(i, j)));
  bool isAlone = hasOnly(*schema.json, keyword);
  Subschema rest = schema;
  if (!isAlone)
    rest = references_.without(schema, keyword);
  std::vector<ExpressionId> parts;
  for (size_t i = 0; i < list.size(); ++i)
    parts.push_back(
        isAlone ? value(branch(i))
                : value(references_.both(rest, references_.flat(branch(i)))));
  return ruleOf(pointer, grammar_.choice(std::move(parts)));
}

/// enum and const.
ExpressionId SchemaBuilder::listed(const Subschema &schema) {
  refuseBesideValues(schema);
  const Json *list = arrayOf(schema, "enum");
  const Json *only = find(*schema.json, "const");
  std::vector<std::string> types;
  if (find(*schema.json, "type"))
    types = typesOf(schema);
  std::vector<ExpressionId> parts;
  auto add = [&](const Json &value) {
    bool fits = types.empty();
    for (const std::string &type : types)
      fits |= isOfType(typeOf(value), type);
    if (fits)
      parts.push_back(grammar_.literal(value.dump()));
  };
  if (only &&
      (!list || std::find(list->begin(), list->end(), *only) != list->end()))
    add(*only);
  else if (!only)
    for (const Json &value : *list)
      add(value);
  if (parts.empty())
    refuse(schema.pointer, "no value of enum or const matches the schema");
  return ruleOf(schema.pointer, grammar_.choice(std::move(parts)));
}

ExpressionId SchemaBuilder::ofTypes(const Subschema &schema) {
  std::vector<ExpressionId> parts;
  for (const std::string &type : typesOf(schema))
    parts.push_back(ofType(schema, type));
  return grammar_.choice(std::move(parts));
}

ExpressionId SchemaBuilder::ofType(const Subschema &schema,
                                   std::string_view type) {
  if (type == "object")
    return object(schema);
  if (type == "array")
    return array(schema);
  if (type == "string")
    return string(schema);
  if (type == "integer")
    return integer(schema);
  if (type == "number")
    return number(schema);
  if (type == "null")
    return grammar_.literal("null");
  return grammar_.choice({grammar_.literal("true"), grammar_.literal("false")});
}

Grammar SchemaBuilder::run(const Json &root) {
  uint32_t rule = grammar_.addRule("#");
  referredRules_[&root] = rule;
  grammar_.setRoot(rule);
  open_.emplace_back(rule, Subschema{&root, "#"});
  while (!open_.empty()) {
    auto [next, schema] = std::move(open_.back());
    open_.pop_back();
    grammar_.setBody(next, value(schema));
  }
  if (grammar_.isTooLarge())
    throw SchemaFailure{Grammar::tooLarge()};
  return std::move(grammar_);
}

/// Deep nesting is refused before anything walks it by recursion.
static Json readJson(std::string_view text) {
  try {
    return Json::parse(text, [](int depth, Json::parse_event_t, Json &) {
      if (depth > mostJsonDepth)
        refuse("",
               fmt::format("the schema nests deeper than {}", mostJsonDepth));
      return true;
    });
  } catch (const Json::exception &e) {
    std::string_view what = e.what(); // "[json.exception.NAME.ID] ..."
    size_t begin = what.find("] ");
    refuse("", fmt::format("the schema is not JSON: {}",
                           what.substr(begin == what.npos ? 0 : begin + 2)));
  }
}

Result<Grammar> parseJsonSchema(std::string_view text) {
  if (text.size() > mostSchemaBytes)
    return Status(Code::BadInput,
                  fmt::format("the schema has {} bytes, at most {} are taken",
                              text.size(), mostSchemaBytes));
  if (!text::isValidUtf8(text))
    return Status(Code::BadInput, "the schema is not UTF-8");
  try {
    Json root = readJson(text);
    return SchemaBuilder(root).run(root);
  } catch (SchemaFailure &failure) {
    return std::move(failure.status);
  }
}

} // namespace llmc::grammar
