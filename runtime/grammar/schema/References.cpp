// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/schema/References.h"
#include "runtime/grammar/schema/Disjoint.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::grammar {

// Schemas made of others, and the JSON values in all of them.
static constexpr size_t mostMade = 2000;
static constexpr size_t mostMadeValues = 1'000'000;

bool isAnnotation(std::string_view keyword) {
  constexpr std::string_view names[] = {
      "title",        "description", "default",         "examples",
      "$comment",     "deprecated",  "readOnly",        "writeOnly",
      "$schema",      "$id",         "$defs",           "definitions",
      "$anchor",      "$vocabulary", "contentEncoding", "contentMediaType",
      "contentSchema"};
  return std::find(std::begin(names), std::end(names), keyword) !=
         std::end(names);
}

bool hasOnly(const Json &schema, std::string_view keyword) {
  for (const auto &[other, value] : schema.items())
    if (other != keyword && !isAnnotation(other))
      return false;
  return true;
}

/// Nesting is bounded where the schema is read.
static size_t valuesIn(const Json &json) {
  size_t count = 1;
  if (json.is_structured())
    for (const Json &value : json)
      count += valuesIn(value);
  return count;
}

const Json *References::keep(Json json) {
  madeValues_ += valuesIn(json);
  if (made_.size() >= mostMade || madeValues_ > mostMadeValues)
    throw SchemaFailure{
        Status(Code::Resource,
               fmt::format("the schema combines others more than {} times, or "
                           "larger ones than is allowed",
                           mostMade))};
  made_.push_back(std::move(json));
  return &made_.back();
}

/// A part of a URI fragment, with %XX.
static std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        sscanf(std::string(text.substr(i + 1, 2)).c_str(), "%2x", &byte) == 1) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Subschema References::target(const Subschema &schema) const {
  const Json &reference = *find(*schema.json, "$ref");
  std::string pointer = pointerTo(schema.pointer, "$ref");
  if (!reference.is_string())
    refuse(pointer, "$ref is not a string");
  const auto &text = reference.get_ref<const std::string &>();
  if (text != "#" && !text.starts_with("#/"))
    refuseUnsupported(pointer,
                      fmt::format("$ref '{}': only references into the schema "
                                  "itself are followed (#/$defs/...)",
                                  text));
  try {
    Json::json_pointer path(unescaped(text.substr(1)));
    if (!root_.contains(path))
      refuse(pointer, fmt::format("$ref '{}' points at nothing", text));
    return {&root_.at(path), text, schema.depth + 1};
  } catch (const Json::exception &) {
    refuse(pointer, fmt::format("$ref '{}' is no JSON pointer", text));
  }
}

Subschema References::without(const Subschema &schema, const char *keyword) {
  Json rest = *schema.json;
  rest.erase(keyword);
  return {keep(std::move(rest)), schema.pointer, schema.depth};
}

Subschema References::both(const Subschema &a, const Subschema &b) {
  if (a.json->is_boolean() && a.json->get<bool>())
    return b;
  if (b.json->is_boolean() && b.json->get<bool>())
    return a;
  if (!a.json->is_object() || !b.json->is_object())
    refuse(b.pointer, "nothing matches this schema and those beside it");
  Json merged = *a.json;
  merge(merged, *b.json, b.pointer);
  return {keep(std::move(merged)), b.pointer, std::max(a.depth, b.depth)};
}

Subschema References::flat(const Subschema &schema) {
  if (!schema.json->is_object())
    return schema;
  if (schema.depth > limits::depth)
    refuse(
        schema.pointer,
        fmt::format("references and allOf nest deeper than {}", limits::depth));
  const Json *all = arrayOf(schema, "allOf");
  bool isReference = find(*schema.json, "$ref");
  if (!all && !isReference)
    return schema;
  if (isReference && hasOnly(*schema.json, "$ref"))
    return flat(target(schema));
  Json own = *schema.json;
  own.erase("$ref");
  own.erase("allOf");
  Subschema made = {keep(std::move(own)), schema.pointer, schema.depth};
  if (isReference)
    made = both(flat(target(schema)), made);
  for (size_t i = 0; all && i < all->size(); ++i)
    made = both(made, flat({&(*all)[i],
                            pointerTo(pointerTo(schema.pointer, "allOf"),
                                      std::to_string(i)),
                            schema.depth + 1}));
  return {made.json, schema.pointer, schema.depth};
}

namespace {

void intersectTypes(Json &into, const Json &from) {
  Json both = Json::array();
  for (const std::string &type : typesIn(into))
    for (const std::string &other : typesIn(from))
      if (type == other || (type == "number" && other == "integer"))
        both.push_back(other);
      else if (type == "integer" && other == "number")
        both.push_back(type);
  into = std::move(both);
}

void intersectValues(Json &into, const Json &from) {
  Json both = Json::array();
  for (const Json &value : into)
    if (std::find(from.begin(), from.end(), value) != from.end())
      both.push_back(value);
  into = std::move(both);
}

/// What `keyword` says of all but the schema's own properties or first items
/// (`own`) holds for those that the other schema names.
void refuseOtherRest(const Json &a, const Json &b, const char *keyword,
                     const char *own, const std::string &pointer) {
  const Json *mine = find(a, keyword), *theirs = find(b, keyword);
  if (!mine && !theirs)
    return;
  bool combine = mine && theirs && *mine == *theirs &&
                 find(a, own) == nullptr && find(b, own) == nullptr;
  if (!mine || !theirs) {
    const Json &rest = mine ? *mine : *theirs;
    bool isOpen = rest.is_boolean() && rest.get<bool>();
    combine = isOpen || !find(mine ? b : a, own);
  }
  if (!combine)
    refuseUnsupported(pointer, fmt::format("allOf, or keywords beside a "
                                           "reference: {} cannot be combined",
                                           keyword));
}

bool isOneOf(std::string_view keyword,
             std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), keyword) != names.end();
}

} // namespace

void References::merge(Json &into, const Json &from,
                       const std::string &pointer) {
  refuseOtherRest(into, from, "additionalProperties", "properties", pointer);
  refuseOtherRest(into, from, "items", "prefixItems", pointer);
  for (const auto &[keyword, value] : from.items()) {
    auto known = into.find(keyword);
    if (known == into.end() || *known == value) {
      into[keyword] = value;
      continue;
    }
    Json &mine = *known;
    if (isAnnotation(keyword))
      continue;
    if (keyword == "properties" && mine.is_object() && value.is_object()) {
      for (const auto &[name, schema] : value.items())
        if (mine.contains(name))
          mine[name] = {{"allOf", Json::array({mine[name], schema})}};
        else
          mine[name] = schema;
    } else if (keyword == "required" && mine.is_array() && value.is_array()) {
      for (const Json &name : value)
        if (std::find(mine.begin(), mine.end(), name) == mine.end())
          mine.push_back(name);
    } else if (keyword == "type") {
      intersectTypes(mine, value);
    } else if (keyword == "enum" && mine.is_array() && value.is_array()) {
      intersectValues(mine, value);
    } else if (mine.is_number() && value.is_number() &&
               isOneOf(keyword, {"minimum", "exclusiveMinimum", "minLength",
                                 "minItems"})) {
      mine = std::max(mine, value);
    } else if (mine.is_number() && value.is_number() &&
               isOneOf(keyword, {"maximum", "exclusiveMaximum", "maxLength",
                                 "maxItems"})) {
      mine = std::min(mine, value);
    } else {
      refuseUnsupported(
          pointer, fmt::format("allOf, or keywords beside a reference or a "
                               "choice: two of '{}' cannot be combined",
                               keyword));
    }
  }
}

} // namespace llmc::grammar
