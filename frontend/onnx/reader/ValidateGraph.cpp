// SPDX-License-Identifier: Apache-2.0
// Names and order: every value has one maker, every use has a value, and no
// node waits for itself.
#include "frontend/onnx/reader/Validator.h"

#include <algorithm>
#include <fmt/format.h>

namespace llmc::onnx {

namespace {

std::string describeProducer(const std::vector<NodeProto> *nodes,
                             uint32_t producer) {
  if (producer == Scope::isInput)
    return "an input";
  if (producer == Scope::isInitializer)
    return "an initializer";
  return nodes ? describeNode((*nodes)[producer]) : "a node";
}

/// `'a' (node 1 (Add)) -> 'b' (node 2 (Mul)) -> 'a'`, of long cycles the
/// beginning.
std::string describeCycle(const std::vector<NodeProto> &nodes,
                          const std::vector<uint32_t> &cycle) {
  constexpr size_t shown = 8;
  auto name = [&](uint32_t item) {
    const NodeProto &node = nodes[item];
    auto output = std::ranges::find_if(
        node.outputs, [](std::string_view text) { return !text.empty(); });
    return fmt::format(
        "{} ({})", inQuotes(output == node.outputs.end() ? "" : *output, 60),
        describeNode(node));
  };
  std::string out;
  // A cycle lists each item before what it depends on; the data flows the other
  // way.
  size_t count = std::min(cycle.size(), shown);
  for (size_t i = 0; i < count; ++i)
    out += name(cycle[cycle.size() - 1 - i]) + " -> ";
  if (count < cycle.size())
    out += fmt::format("... {} more -> ", cycle.size() - count);
  return out + name(cycle.back());
}

} // namespace

void Validator::define(Scope &scope, std::string_view name, uint32_t producer,
                       const std::string &where) {
  requireShortName(name, where);
  auto [known, isNew] = scope.producers.emplace(name, producer);
  if (isNew)
    return;
  bool bothInputs =
      producer == Scope::isInput && known->second == Scope::isInput;
  if (bothInputs)
    throw InputError(where,
                     fmt::format("input {} is listed twice", inQuotes(name)));
  // An initializer may give an input its default.
  if (producer == Scope::isInitializer && known->second == Scope::isInput)
    return;
  throw InputError(where,
                   fmt::format("value {} is already {}", inQuotes(name),
                               describeProducer(nullptr, known->second)));
}

/// Gives every output its maker, and drops nodes that make nothing.
void Validator::defineOutputs(std::vector<NodeProto> &nodes, Scope &scope) {
  auto makesNothing = [](const NodeProto &node) {
    return std::ranges::all_of(
        node.outputs, [](std::string_view name) { return name.empty(); });
  };
  for (const NodeProto &node : nodes)
    if (makesNothing(node))
      remarks.warning(scope.where(node), "has no outputs and is dropped");
  std::erase_if(nodes, makesNothing);
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    for (std::string_view name : nodes[i].outputs) {
      if (name.empty())
        continue;
      auto [known, isNew] = scope.producers.emplace(name, i);
      if (isNew && name.size() < 1024) // certainly short
        continue;
      std::string where = scope.where(nodes[i]);
      requireShortName(name, where);
      if (isNew)
        continue;
      if (known->second == i)
        throw InputError(
            where, fmt::format("output {} is listed twice", inQuotes(name)));
      if (known->second >= Scope::isInitializer)
        throw InputError(
            where, fmt::format("output {} has the name of {}", inQuotes(name),
                               describeProducer(nullptr, known->second)));
      throw InputError(where,
                       fmt::format("value {} is produced by nodes {} and {}",
                                   inQuotes(name), nodes[known->second].index,
                                   nodes[i].index));
    }
  }
}

bool Validator::requireValue(const Scope &scope, std::string_view name) const {
  for (const Scope *outer = scope.parent; outer; outer = outer->parent)
    if (outer->producers.contains(name))
      return true;
  return false;
}

/// Checks all nodes and puts them in order; returns the names taken from
/// outside.
Validator::Names Validator::checkNodes(std::vector<NodeProto> &nodes,
                                       Scope &scope) {
  Names captured;
  nodeCount += nodes.size();
  if (nodeCount > options.maxNodes)
    throw InputError(
        scope.where(),
        fmt::format("the model has more than {} nodes", options.maxNodes));
  defineOutputs(nodes, scope);
  Dependencies dependencies;
  auto use = [&](std::string_view name) {
    auto found = scope.producers.find(name);
    if (found == scope.producers.end()) {
      if (!requireValue(scope, name))
        return false;
      captured.insert(name);
    } else if (found->second < Scope::isInitializer) {
      dependencies.items.push_back(found->second);
    }
    return true;
  };
  for (NodeProto &node : nodes) {
    checkNode(node, scope);
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (!node.inputs[i].empty() && !use(node.inputs[i]))
        throw InputError(scope.where(node),
                         fmt::format("input {} {} is not defined", i,
                                     inQuotes(node.inputs[i])));
    for (AttributeProto &attribute : node.attributes) {
      for (GraphProto &graph : attribute.graphs()) {
        Scope inner;
        inner.parent = &scope;
        inner.owner = &node;
        inner.ownerAttribute = attribute.name;
        inner.opsets = scope.opsets;
        for (std::string_view name : checkGraph(graph, inner))
          use(name); // found outside, or checkGraph would have thrown
      }
    }
    checkControlFlow(node, scope);
    dependencies.close();
  }
  sortNodes(nodes, scope, dependencies);
  return captured;
}

void Validator::sortNodes(std::vector<NodeProto> &nodes, Scope &scope,
                          const Dependencies &dependencies) {
  SortResult sorted = sortTopologically(dependencies);
  if (!sorted.cycle.empty())
    throw InputError(scope.where(), "the graph is cyclic: " +
                                        describeCycle(nodes, sorted.cycle));
  if (sorted.wasSorted)
    return;
  if (options.isStrict)
    throw InputError(scope.where(), "the nodes are not in topological order");
  remarks.note(scope.where(),
               "the nodes are not in topological order; they were sorted");
  std::vector<NodeProto> ordered;
  ordered.reserve(nodes.size());
  for (uint32_t item : sorted.order)
    ordered.push_back(std::move(nodes[item]));
  nodes = std::move(ordered);
  for (uint32_t i = 0; i < nodes.size(); ++i)
    for (std::string_view name : nodes[i].outputs)
      if (!name.empty())
        scope.producers[name] = i;
}

Validator::Names Validator::checkGraph(GraphProto &graph, Scope &scope) {
  checkInterface(graph, scope);
  for (const ValueInfo &input : graph.inputs)
    define(scope, input.name, Scope::isInput, scope.where());
  Names initializers;
  auto defineInitializer = [&](std::string_view name, size_t index) {
    if (name.empty())
      throw InputError(scope.where(),
                       fmt::format("initializer {} has no name", index));
    if (!initializers.insert(name).second)
      throw InputError(
          scope.where(),
          fmt::format("initializer {} is defined twice", inQuotes(name)));
    define(scope, name, Scope::isInitializer, scope.where());
  };
  for (size_t i = 0; i < graph.initializers.size(); ++i)
    defineInitializer(graph.initializers[i].name, i);
  for (size_t i = 0; i < graph.sparseInitializers.size(); ++i)
    defineInitializer(graph.sparseInitializers[i].values.name, i);
  checkTensors(graph, scope);
  Names captured = checkNodes(graph.nodes, scope);
  for (const ValueInfo &output : graph.outputs) {
    if (scope.producers.contains(output.name))
      continue;
    if (!requireValue(scope, output.name))
      throw InputError(scope.where(), fmt::format("output {} is not produced",
                                                  inQuotes(output.name)));
    captured.insert(output.name);
  }
  return captured;
}

void Validator::checkFunctionBody(FunctionProto &function) {
  Scope scope;
  scope.function = &function;
  scope.opsets = function.opsets;
  std::string where = scope.where();
  for (std::string_view name : function.inputs) {
    if (name.empty())
      throw InputError(where, "an input has no name");
    define(scope, name, Scope::isInput, where);
  }
  checkNodes(function.nodes, scope);
  Names outputs;
  for (std::string_view name : function.outputs) {
    if (!scope.producers.contains(name))
      throw InputError(
          where, fmt::format("output {} is not produced", inQuotes(name)));
    if (!outputs.insert(name).second)
      throw InputError(
          where, fmt::format("output {} is listed twice", inQuotes(name)));
  }
}

} // namespace llmc::onnx
