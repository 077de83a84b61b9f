// SPDX-License-Identifier: Apache-2.0
// Makes the grammar of one JSON schema. Private to this folder, whose files
// hold its parts by the types of JSON; one thread. Failures are thrown inside
// of the folder only.
#ifndef LLMC_RUNTIME_GRAMMAR_SCHEMA_SCHEMABUILDER_H
#define LLMC_RUNTIME_GRAMMAR_SCHEMA_SCHEMABUILDER_H

#include "runtime/grammar/schema/Failure.h"
#include "runtime/grammar/schema/References.h"
#include <map>
#include <set>

namespace llmc::grammar {

class SchemaBuilder {
public:
  /// The schema must outlive it.
  explicit SchemaBuilder(const Json &root) : references_(root) {}

  Grammar run(const Json &root);

private:
  /// A whole number, or none where a side is open.
  struct Bounds {
    std::optional<int64_t> least, most;
    bool excludesLeast = false, excludesMost = false;
  };

  // SchemaBuilder.cpp
  ExpressionId value(const Subschema &schema);
  ExpressionId reference(const Subschema &schema);
  ExpressionId branches(const Subschema &schema, const char *keyword);
  ExpressionId listed(const Subschema &schema);
  ExpressionId ofTypes(const Subschema &schema);
  ExpressionId ofType(const Subschema &schema, std::string_view type);
  ExpressionId shared(const char *name, ExpressionId (SchemaBuilder::*make)());
  ExpressionId anyValue() {
    return shared("any value", &SchemaBuilder::makeAny);
  }
  ExpressionId makeAny();
  ExpressionId space() { return shared("space", &SchemaBuilder::makeSpace); }
  ExpressionId makeSpace();
  ExpressionId ruleOf(const std::string &name, ExpressionId body);
  ExpressionId bracketed(const char *open, ExpressionId inner,
                         const char *close);

  // Objects.cpp
  struct Property {
    std::string name;
    Subschema schema;
    bool isRequired;
  };
  ExpressionId object(const Subschema &schema);
  ExpressionId anyObject() {
    return shared("any object", &SchemaBuilder::makeAnyObject);
  }
  ExpressionId makeAnyObject();
  ExpressionId member(ExpressionId key, ExpressionId value);
  ExpressionId separator();
  std::vector<Property> propertiesOf(const Subschema &schema);
  ExpressionId otherKey(const Json *properties, const std::string &pointer);
  ExpressionId members(const Subschema &schema,
                       const std::vector<Property> &properties);

  // Arrays.cpp
  ExpressionId array(const Subschema &schema);
  ExpressionId anyArray() {
    return shared("any array", &SchemaBuilder::makeAnyArray);
  }
  ExpressionId makeAnyArray();

  // Strings.cpp
  ExpressionId string(const Subschema &schema);
  ExpressionId character() {
    return shared("character", &SchemaBuilder::makeCharacter);
  }
  ExpressionId makeCharacter();
  ExpressionId anyString() {
    return shared("any string", &SchemaBuilder::makeAnyString);
  }
  ExpressionId makeAnyString();

  // Numbers.cpp
  ExpressionId integer(const Subschema &schema);
  ExpressionId number(const Subschema &schema);
  ExpressionId anyNumber() {
    return shared("any number", &SchemaBuilder::makeAnyNumber);
  }
  ExpressionId makeAnyNumber();
  Bounds boundsOf(const Subschema &schema, bool isInteger);

  References references_;
  Grammar grammar_;
  std::map<std::string, uint32_t> sharedRules_;
  std::map<const Json *, uint32_t> referredRules_;
  // Rules whose bodies are still to be made: references are not followed by
  // recursion, which has no bound.
  std::vector<std::pair<uint32_t, Subschema>> open_;
};

} // namespace llmc::grammar

#endif
