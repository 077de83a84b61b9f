// SPDX-License-Identifier: Apache-2.0
// One node against its operator's signature or the function that it calls.
#include "frontend/onnx/reader/ElementType.h"
#include "frontend/onnx/reader/Schema.h"
#include "frontend/onnx/reader/Validator.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace llmc::onnx {

namespace {

const char *plural(size_t count) { return count == 1 ? "" : "s"; }

/// Arguments without absent ones at the end.
size_t givenCount(std::span<const std::string_view> arguments) {
  size_t count = arguments.size();
  while (count > 0 && arguments[count - 1].empty())
    --count;
  return count;
}

/// name() is what the message calls the operator.
template <typename Name>
void checkCount(Name name, const char *what, size_t least, size_t most,
                size_t count, const NodePlace &where) {
  if (count >= least && count <= most)
    return;
  std::string takes =
      least == most ? fmt::format("{} {}{}", least, what, plural(least))
      : most == SIZE_MAX
          ? fmt::format("at least {} {}{}", least, what, plural(least))
          : fmt::format("{} to {} {}s", least, most, what);
  throw InputError(where,
                   fmt::format("{} takes {}, got {}", name(), takes, count));
}

bool isNumberKind(AttributeType type) {
  return type == AttributeType::Float || type == AttributeType::Int ||
         type == AttributeType::String;
}

bool isListKind(AttributeType type) {
  return type == AttributeType::Floats || type == AttributeType::Ints ||
         type == AttributeType::Strings || type == AttributeType::Tensors ||
         type == AttributeType::Graphs ||
         type == AttributeType::SparseTensors ||
         type == AttributeType::TypeProtos;
}

/// The kind against the fields that are there. Numbers and strings may be left
/// out where they are zero or empty.
void checkAttributeForm(const AttributeProto &attribute, const Scope &scope,
                        const NodePlace &where) {
  auto name = [&] { return "attribute " + inQuotes(attribute.name); };
  if (attribute.name.empty())
    throw InputError(where, "an attribute has no name");
  requireShortName(attribute.name, where);
  bool isKind = attribute.type >= AttributeType::Float &&
                attribute.type <= AttributeType::TypeProtos;
  if (!attribute.refName.empty()) {
    if (attribute.present)
      throw InputError(where,
                       name() + " has a value and refers to another attribute");
    const Scope *outermost = &scope;
    while (outermost->parent)
      outermost = outermost->parent;
    if (!outermost->function)
      throw InputError(where,
                       fmt::format("{} refers to {}, but this is no function",
                                   name(), inQuotes(attribute.refName)));
    const FunctionProto &function = *outermost->function;
    bool isDeclared =
        std::ranges::count(function.attributes, attribute.refName) ||
        std::ranges::count(function.attributeDefaults, attribute.refName,
                           &AttributeProto::name);
    if (!isDeclared)
      throw InputError(
          where,
          fmt::format("{} refers to {}, which the function doesn't declare",
                      name(), inQuotes(attribute.refName)));
    return;
  }
  if (!isKind)
    throw InputError(
        where,
        fmt::format("{} has {}", name(),
                    attribute.type == AttributeType::Undefined
                        ? "no kind"
                        : "an unknown " + attributeTypeName(attribute.type)));
  if (std::popcount(attribute.present) > 1)
    throw InputError(where, name() + " has values of two kinds");
  uint32_t own = 1u << static_cast<uint32_t>(attribute.type);
  if (attribute.present && attribute.present != own)
    throw InputError(where,
                     fmt::format("{} is of kind {}, its value is {}", name(),
                                 attributeTypeName(attribute.type),
                                 attributeTypeName(static_cast<AttributeType>(
                                     std::countr_zero(attribute.present)))));
  if (!attribute.present && !isNumberKind(attribute.type) &&
      !isListKind(attribute.type))
    throw InputError(where, fmt::format("{} of kind {} has no value", name(),
                                        attributeTypeName(attribute.type)));
}

/// ONNX leaves names with two underscores to tools.
bool isInternal(std::string_view name) { return name.starts_with("__"); }

bool isElementType(int64_t value) {
  return value >= 0 && value <= INT32_MAX &&
         findElementType(static_cast<int32_t>(value));
}

void checkAttributesOf(const OpSchema &schema, const NodeProto &node,
                       const NodePlace &where) {
  auto op = [&] {
    return fmt::format("{}-{}", escaped(node.opType), schema.sinceVersion);
  };
  for (const AttributeProto &attribute : node.attributes) {
    if (isInternal(attribute.name))
      continue;
    std::optional<AttributeRule> rule = schema.attribute(attribute.name);
    if (!rule) {
      // A contrib operator may have grown an attribute that changes what it
      // computes.
      bool isStandard = schema.domain != "com.microsoft";
      throw InputError(
          where,
          fmt::format("{} has no attribute {}", op(), inQuotes(attribute.name)),
          "", isStandard ? ExitCode::BadInput : ExitCode::Unsupported);
    }
    if (attribute.type != rule->type &&
        !(attribute.type == AttributeType::Undefined &&
          !attribute.refName.empty()))
      throw InputError(where,
                       fmt::format("attribute {} of {} is {}, expected {}",
                                   inQuotes(attribute.name), op(),
                                   attributeTypeName(attribute.type),
                                   attributeTypeName(rule->type)));
    // Element types; output_dtype may be 0, for the default.
    bool isType = attribute.name == "to" || attribute.name == "dtype" ||
                  (attribute.name == "output_dtype" && attribute.i != 0);
    if (isType && rule->type == AttributeType::Int &&
        attribute.refName.empty() && !isElementType(attribute.i))
      throw InputError(where, fmt::format("attribute {} of {} is {}, which is "
                                          "no element type",
                                          inQuotes(attribute.name), op(),
                                          attribute.i));
  }
  schema.forEachAttribute([&](std::string_view name, AttributeRule rule) {
    if (rule.isRequired && !node.attribute(name))
      throw InputError(
          where, fmt::format("{} needs attribute {}", op(), inQuotes(name)));
  });
  if (node.opType == "Constant" && node.domain.empty() &&
      node.attributes.size() != 1)
    throw InputError(where,
                     fmt::format("Constant needs exactly one value, has {}",
                                 node.attributes.size()));
}

void checkSignature(const OpSchema &schema, const NodeProto &node,
                    const NodePlace &where) {
  auto op = [&] { return escaped(node.opType); };
  checkCount(op, "input", OpSchema::least(schema.inputs),
             OpSchema::most(schema.inputs), givenCount(node.inputs), where);
  checkCount(op, "output", OpSchema::least(schema.outputs),
             OpSchema::most(schema.outputs), node.outputs.size(), where);
  for (size_t i = 0, count = givenCount(node.inputs); i < count; ++i)
    if (node.inputs[i].empty() && OpSchema::isRequired(schema.inputs, i))
      throw InputError(where,
                       fmt::format("{} needs input {}, which is ''", op(), i));
  checkAttributesOf(schema, node, where);
}

void checkCall(const FunctionProto &function, const NodeProto &node,
               const NodePlace &where) {
  auto name = [&] { return describeFunction(function); };
  checkCount(name, "input", 0, function.inputs.size(), givenCount(node.inputs),
             where);
  checkCount(name, "output", 0, function.outputs.size(),
             givenCount(node.outputs), where);
  for (const AttributeProto &attribute : node.attributes) {
    auto byName = [&](const AttributeProto &declared) {
      return declared.name == attribute.name;
    };
    auto declared = std::ranges::find_if(function.attributeDefaults, byName);
    bool hasDefault = declared != function.attributeDefaults.end();
    if (!hasDefault &&
        !std::ranges::count(function.attributes, attribute.name) &&
        !isInternal(attribute.name))
      throw InputError(where, fmt::format("{} has no attribute {}", name(),
                                          inQuotes(attribute.name)));
    if (hasDefault && attribute.refName.empty() &&
        declared->type != attribute.type)
      throw InputError(where,
                       fmt::format("attribute {} of {} is {}, expected {}",
                                   inQuotes(attribute.name), name(),
                                   attributeTypeName(attribute.type),
                                   attributeTypeName(declared->type)));
  }
}

/// Why the tables have no version of a standard operator for the imported
/// opset.
[[noreturn]] void refuseOp(const NodeProto &node, int64_t version,
                           const NodePlace &where) {
  std::string op = escaped(node.opType), domain = domainName(node.domain);
  if (const OpSchema *first = firstVersion(node.domain, node.opType))
    throw InputError(
        where, fmt::format("{} needs opset >= {} of {}, the model imports {}",
                           op, first->sinceVersion, domain, version));
  std::string_view similar = similarOp(node.domain, node.opType);
  throw InputError(where,
                   fmt::format("there is no operator {} in {}",
                               inQuotes(node.opType), domain),
                   similar.empty() ? ""
                                   : fmt::format("did you mean {}?", similar));
}

} // namespace

void Validator::checkNode(const NodeProto &node, const Scope &scope) {
  NodePlace where{node, scope};
  for (std::string_view name : {node.opType, node.domain, node.overload})
    requireShortName(name, where);
  if (node.opType.empty())
    throw InputError(where, "the node has no op_type");
  for (const AttributeProto &attribute : node.attributes) {
    // At most 1024 of them, usually a few.
    if (node.attribute(attribute.name) != &attribute)
      throw InputError(where, fmt::format("attribute {} is given twice",
                                          inQuotes(attribute.name)));
    checkAttributeForm(attribute, scope, where);
    if (attribute.messages)
      checkTensorAttribute(attribute, where);
  }
  if (const FunctionProto *function = functions.find(node))
    return checkCall(*function, node, where);
  int64_t version = importedVersion(scope.opsets, node.domain);
  if (version == 0)
    throw InputError(where, fmt::format("uses domain '{}', which {} not import",
                                        domainName(node.domain),
                                        scope.function ? "the function does"
                                                       : "the model does"));
  // Contrib and custom operators grow without versions, so one that the tables
  // lack may well be valid.
  const OpSchema *schema = resolve(node.domain, node.opType, version);
  if (!schema &&
      (node.domain == "com.microsoft" || !isKnownDomain(node.domain)))
    return;
  if (!schema)
    refuseOp(node, version, where);
  if (schema->isRemoved)
    throw InputError(
        where,
        fmt::format("{} was removed in opset {}, the model imports {}",
                    escaped(node.opType), schema->sinceVersion, version));
  checkSignature(*schema, node, where);
  // The first forms of many ops, which also could work in place. Exporters of
  // models that anyone still has don't write them.
  if (schema->attribute("consumed_inputs"))
    old.push_back({where, fmt::format("{}-{} is too old: opset {} of ai.onnx "
                                      "is supported for a few operators only",
                                      escaped(node.opType),
                                      schema->sinceVersion, version)});
}

} // namespace llmc::onnx
