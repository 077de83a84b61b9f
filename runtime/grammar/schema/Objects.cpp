// SPDX-License-Identifier: Apache-2.0
// Objects: properties in the order of the schema, then others where
// additionalProperties is given and allows them.
#include "runtime/grammar/schema/SchemaBuilder.h"
#include "runtime/text/Utf8.h"
#include <fmt/format.h>

namespace llmc::grammar {

ExpressionId SchemaBuilder::separator() {
  return grammar_.sequence({grammar_.literal(","), space()});
}

ExpressionId SchemaBuilder::member(ExpressionId key, ExpressionId value) {
  return grammar_.sequence({key, grammar_.literal(":"), space(), value});
}

/// {part (, part)* space}, or nothing where it may be empty.
static ExpressionId listOf(Grammar &grammar, ExpressionId part,
                           ExpressionId separator, ExpressionId space) {
  ExpressionId more = grammar.repeat(grammar.sequence({separator, part}), 0,
                                     Expression::unbounded);
  return grammar.optional(grammar.sequence({part, more, space}));
}

ExpressionId SchemaBuilder::makeAnyObject() {
  ExpressionId part = ruleOf("any member", member(anyString(), anyValue()));
  return bracketed("{", listOf(grammar_, part, separator(), space()), "}");
}

ExpressionId SchemaBuilder::makeAnyArray() {
  return bracketed("[", listOf(grammar_, anyValue(), separator(), space()),
                   "]");
}

std::vector<SchemaBuilder::Property>
SchemaBuilder::propertiesOf(const Subschema &schema) {
  const Json *properties = find(*schema.json, "properties");
  std::string pointer = pointerTo(schema.pointer, "properties");
  if (properties && !properties->is_object())
    refuse(pointer, "properties is not an object");
  std::set<std::string> required, known;
  const Json *names = arrayOf(schema, "required");
  for (size_t i = 0; names && i < names->size(); ++i) {
    if (!(*names)[i].is_string())
      refuse(pointerTo(schema.pointer, "required"),
             "required has what is not a string");
    required.insert((*names)[i].get<std::string>());
  }
  std::vector<Property> list;
  if (properties)
    for (const auto &[name, property] : properties->items()) {
      known.insert(name);
      bool isRequired = required.contains(name);
      bool isFalse = property.is_boolean() && !property.get<bool>();
      if (!isFalse || isRequired)
        list.push_back({name,
                        {&property, pointerTo(pointer, name), schema.depth + 1},
                        isRequired});
    }
  static const Json any = true;
  const Json *others = find(*schema.json, "additionalProperties");
  for (const std::string &name : required)
    if (!known.contains(name))
      list.push_back({name,
                      {others ? others : &any,
                       pointerTo(schema.pointer, "additionalProperties"),
                       schema.depth + 1},
                      true});
  return list;
}

/// A key that is none of the properties, without escapes: one rule for each
/// beginning of a name, after which another character leads away.
ExpressionId SchemaBuilder::otherKey(const Json *properties,
                                     const std::string &pointer) {
  const CodePoints plain = complement(
      normalized({{0, 0x1F}, {'"', '"'}, {'\\', '\\'}, {0x7F, 0x7F}}));
  ExpressionId any =
      grammar_.repeat(grammar_.characters(plain), 0, Expression::unbounded);
  struct Node {
    std::map<uint32_t, size_t> children;
    bool isName = false;
  };
  std::vector<Node> nodes(1);
  if (properties)
    for (const auto &[name, schema] : properties->items()) {
      size_t at = 0;
      for (size_t i = 0; i < name.size();) {
        text::CodePoint p = text::decodeAt(name, i);
        i += p.size;
        auto [it, isNew] =
            nodes[at].children.try_emplace(p.value, nodes.size());
        at = it->second;
        if (isNew)
          nodes.emplace_back();
      }
      nodes[at].isName = true;
    }
  uint32_t first = grammar_.addRule(pointer + " key");
  for (size_t i = 1; i < nodes.size() && !grammar_.isTooLarge(); ++i)
    grammar_.addRule(pointer + " key");
  if (grammar_.isTooLarge())
    throw SchemaFailure{Grammar::tooLarge()};
  for (size_t i = 0; i < nodes.size(); ++i) {
    CodePoints known;
    std::vector<ExpressionId> parts;
    for (const auto &[character, child] : nodes[i].children) {
      known.push_back({character, character});
      std::string text;
      text::appendUtf8(text, character);
      parts.push_back(grammar_.sequence(
          {grammar_.literal(text),
           grammar_.use(first + static_cast<uint32_t>(child))}));
    }
    parts.push_back(grammar_.sequence(
        {grammar_.characters(difference(plain, normalized(known))), any}));
    if (!nodes[i].isName)
      parts.push_back(grammar_.empty());
    grammar_.setBody(first + static_cast<uint32_t>(i),
                     grammar_.choice(std::move(parts)));
  }
  return grammar_.sequence(
      {grammar_.literal("\""), grammar_.use(first), grammar_.literal("\"")});
}

/// One rule for each property and whether a member stands before it: what may
/// come from there on. They are made from the last to the first.
ExpressionId SchemaBuilder::members(const Subschema &schema,
                                    const std::vector<Property> &properties) {
  ExpressionId begun = space();            // after a member
  ExpressionId unbegun = grammar_.empty(); // before the first one
  const Json *others = find(*schema.json, "additionalProperties");
  if (others && !(others->is_boolean() && !others->get<bool>())) {
    std::string pointer = pointerTo(schema.pointer, "additionalProperties");
    ExpressionId other = ruleOf(
        pointer, member(otherKey(find(*schema.json, "properties"), pointer),
                        value({others, pointer, schema.depth + 1})));
    ExpressionId more = grammar_.repeat(grammar_.sequence({separator(), other}),
                                        0, Expression::unbounded);
    begun = ruleOf(pointer, grammar_.sequence({more, space()}));
    unbegun = grammar_.optional(grammar_.sequence({other, begun}));
  }
  for (size_t i = properties.size(); i-- > 0;) {
    const Property &property = properties[i];
    const std::string &pointer = property.schema.pointer;
    ExpressionId own =
        ruleOf(pointer, member(grammar_.literal(Json(property.name).dump()),
                               value(property.schema)));
    ExpressionId first = grammar_.sequence({own, begun});
    ExpressionId next = grammar_.sequence({separator(), own, begun});
    if (!property.isRequired) {
      first = grammar_.choice({first, unbegun});
      next = grammar_.choice({next, begun});
    }
    begun = ruleOf(pointer, next);
    unbegun = ruleOf(pointer, first);
  }
  return unbegun;
}

ExpressionId SchemaBuilder::object(const Subschema &schema) {
  const Json &json = *schema.json;
  if (!find(json, "properties") && !find(json, "required") &&
      !find(json, "additionalProperties"))
    return anyObject();
  std::vector<Property> properties = propertiesOf(schema);
  return ruleOf(schema.pointer,
                bracketed("{", members(schema, properties), "}"));
}

} // namespace llmc::grammar
