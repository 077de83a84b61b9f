// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/schema/Disjoint.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::grammar {

std::vector<std::string> typesIn(const Json &type) {
  std::vector<std::string> types;
  if (type.is_string())
    types.push_back(type.get<std::string>());
  if (type.is_array())
    for (const Json &name : type)
      if (name.is_string())
        types.push_back(name.get<std::string>());
  return types;
}

std::string_view typeOf(const Json &value) {
  if (value.is_null())
    return "null";
  if (value.is_boolean())
    return "boolean";
  if (value.is_string())
    return "string";
  if (value.is_array())
    return "array";
  if (value.is_object())
    return "object";
  double number = value.get<double>();
  bool isWhole = value.is_number_integer() ||
                 (std::abs(number) < 1e15 &&
                  number == static_cast<double>(static_cast<int64_t>(number)));
  return isWhole ? "integer" : "number";
}

bool isOfType(std::string_view have, std::string_view want) {
  return have == want || (have == "integer" && want == "number");
}

std::vector<std::string> typesOf(const Subschema &schema) {
  constexpr std::string_view all[] = {"object",  "array", "string", "number",
                                      "boolean", "null",  "integer"};
  if (const Json *type = find(*schema.json, "type")) {
    std::string pointer = pointerTo(schema.pointer, "type");
    std::vector<std::string> types = typesIn(*type);
    if (type->is_array() ? types.size() != type->size() : types.empty())
      refuse(pointer, "type is neither a name nor a list of names");
    if (types.empty())
      refuse(pointer, "no type is left");
    for (const std::string &name : types)
      if (std::find(std::begin(all), std::end(all), name) == std::end(all))
        refuse(pointer, fmt::format("unknown type '{}'", name));
    if (std::find(types.begin(), types.end(), "number") != types.end())
      std::erase(types, "integer");
    return types;
  }
  struct About {
    const char *type;
    std::vector<const char *> keywords;
  };
  const About abouts[] = {
      {"object", {"properties", "required", "additionalProperties"}},
      {"array", {"items", "prefixItems", "minItems", "maxItems"}},
      {"string", {"minLength", "maxLength", "pattern", "format"}},
      {"number",
       {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}}};
  std::vector<std::string> types;
  for (const About &about : abouts)
    if (std::any_of(about.keywords.begin(), about.keywords.end(),
                    [&](const char *k) { return find(*schema.json, k); }))
      types.push_back(about.type);
  if (types.empty())
    types.assign(std::begin(all), std::end(all) - 1);
  return types;
}

namespace {

/// The values that a schema lists, if it does.
std::optional<Json> valuesOf(const Json &schema) {
  if (const Json *value = find(schema, "const"))
    return Json::array({*value});
  if (const Json *list = find(schema, "enum"); list && list->is_array())
    return *list;
  return std::nullopt;
}

bool isRequired(const Json &schema, const std::string &name) {
  const Json *required = find(schema, "required");
  return required && required->is_array() &&
         std::find(required->begin(), required->end(), Json(name)) !=
             required->end();
}

const Json *propertyOf(const Json &schema, const std::string &name) {
  const Json *properties = find(schema, "properties");
  return properties && properties->is_object() && properties->contains(name)
             ? &(*properties)[name]
             : nullptr;
}

bool isClosed(const Json &schema) {
  const Json *others = find(schema, "additionalProperties");
  return others && others->is_boolean() && !others->get<bool>();
}

/// Objects are told apart by a property that the one requires and the other
/// cannot have, or that both have with values that exclude each other.
bool objectsExclude(References &references, const Subschema &made,
                    const Subschema &other) {
  const Json &a = *made.json, &b = *other.json;
  const Json *others = find(a, "additionalProperties");
  bool makesOthers = others && !isClosed(a);
  if (const Json *names = find(b, "required"); names && names->is_array())
    for (const Json &name : *names)
      if (name.is_string() && !makesOthers &&
          !propertyOf(a, name.get<std::string>()) &&
          !isRequired(a, name.get<std::string>()))
        return true;
  const Json *names = find(a, "required");
  if (!names || !names->is_array())
    return false;
  for (const Json &value : *names) {
    if (!value.is_string())
      continue;
    auto name = value.get<std::string>();
    const Json *mine = propertyOf(a, name), *theirs = propertyOf(b, name);
    if (!theirs && isClosed(b))
      return true;
    auto at = [&](const Subschema &of, const Json *schema) {
      return Subschema{schema,
                       pointerTo(pointerTo(of.pointer, "properties"), name),
                       of.depth + 1};
    };
    if (mine && theirs &&
        excludes(references, at(made, mine), at(other, theirs)))
      return true;
  }
  return false;
}

} // namespace

bool excludes(References &references, const Subschema &made,
              const Subschema &other) {
  Subschema a = references.flat(made), b = references.flat(other);
  if (!a.json->is_object() || !b.json->is_object() ||
      made.depth > limits::depth)
    return false;
  auto listed = valuesOf(*a.json), wanted = valuesOf(*b.json);
  if (listed && wanted)
    return std::none_of(listed->begin(), listed->end(), [&](const Json &value) {
      return std::find(wanted->begin(), wanted->end(), value) != wanted->end();
    });
  // What a schema without `type` accepts is more than what is made of it.
  std::vector<std::string> types = typesOf(a), accepted;
  if (listed) {
    types.clear();
    for (const Json &value : *listed)
      types.emplace_back(typeOf(value));
  }
  if (wanted)
    for (const Json &value : *wanted)
      accepted.emplace_back(typeOf(value));
  else if (find(*b.json, "type"))
    accepted = typesOf(b);
  else
    accepted = {"object", "array", "string", "number", "boolean", "null"};
  bool mayBeObject = false;
  for (const std::string &type : types)
    for (const std::string &want : accepted)
      if (isOfType(type, want) || isOfType(want, type)) {
        if (type != "object")
          return false;
        mayBeObject = true;
      }
  return !mayBeObject || (!listed && objectsExclude(references, a, b));
}

} // namespace llmc::grammar
