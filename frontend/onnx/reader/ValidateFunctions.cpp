// SPDX-License-Identifier: Apache-2.0
// Model-local functions: what they declare, that no call comes back to its
// caller, and how large they are when inlined.
#include "frontend/onnx/reader/TopologicalSort.h"
#include "frontend/onnx/reader/Validator.h"

#include <algorithm>
#include <fmt/format.h>

namespace llmc::onnx {

namespace {

constexpr size_t maxFunctions = 10'000;
constexpr size_t maxAttributes = 1024; // of one function

/// Calls visit(node, depth) for all nodes, those of subgraphs as well, which
/// are at depth 1 and more.
template <typename Visit>
void forEachNode(const std::vector<NodeProto> &nodes, Visit visit,
                 uint32_t depth = 0) {
  for (const NodeProto &node : nodes) {
    visit(node, depth);
    for (const AttributeProto &attribute : node.attributes)
      for (const GraphProto &graph : attribute.graphs())
        forEachNode(graph.nodes, visit, depth + 1);
  }
}

/// Sum that stays at the largest number instead of wrapping.
uint64_t plus(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/// What inlining a body makes of it.
struct Expansion {
  uint64_t nodes = 0;
  uint32_t callDepth = 0;  // of calls inside calls
  uint32_t graphDepth = 0; // of subgraphs inside subgraphs
};

Expansion expand(const std::vector<NodeProto> &nodes,
                 const FunctionTable &functions,
                 std::span<const Expansion> bodies) {
  Expansion out;
  forEachNode(nodes, [&](const NodeProto &node, uint32_t depth) {
    out.nodes = plus(out.nodes, 1);
    out.graphDepth = std::max(out.graphDepth, depth);
    int64_t callee = functions.indexOf(node);
    if (callee < 0)
      return;
    const Expansion &body = bodies[static_cast<size_t>(callee)];
    out.nodes = plus(out.nodes, body.nodes);
    out.callDepth = std::max(out.callDepth, body.callDepth + 1);
    out.graphDepth = std::max(out.graphDepth, depth + body.graphDepth);
  });
  return out;
}

} // namespace

void Validator::checkFunctions() {
  if (model.functions.size() > maxFunctions)
    throw InputError("", fmt::format("the model has {} functions, more than {}",
                                     model.functions.size(), maxFunctions));
  for (FunctionProto &function : model.functions) {
    std::string where = describeFunction(function);
    for (std::string_view name :
         {function.name, function.domain, function.overload})
      requireShortName(name, where);
    if (function.opsets.empty() && !function.nodes.empty())
      throw InputError(where, "the function has no opset import");
    checkOpsets(function.opsets, where);
    if (function.attributes.size() + function.attributeDefaults.size() >
        maxAttributes)
      throw InputError(
          where, fmt::format("the function declares more than {} attributes",
                             maxAttributes));
    Names attributes;
    auto declare = [&](std::string_view name) {
      if (name.empty())
        throw InputError(where, "an attribute has no name");
      if (!attributes.insert(name).second)
        throw InputError(where, fmt::format("attribute {} is declared twice",
                                            inQuotes(name)));
    };
    for (std::string_view name : function.attributes)
      declare(name);
    for (const AttributeProto &attribute : function.attributeDefaults) {
      declare(attribute.name);
      checkTensorAttribute(attribute, where);
    }
    checkFunctionBody(function);
  }
}

void Validator::checkExpansion() {
  Dependencies calls;
  for (const FunctionProto &function : model.functions) {
    forEachNode(function.nodes, [&](const NodeProto &node, uint32_t) {
      int64_t callee = functions.indexOf(node);
      if (callee >= 0)
        calls.items.push_back(static_cast<uint32_t>(callee));
    });
    calls.close();
  }
  SortResult sorted = sortTopologically(calls);
  if (!sorted.cycle.empty()) {
    constexpr size_t shown = 8;
    std::string path;
    for (size_t i = 0; i < std::min(sorted.cycle.size(), shown); ++i)
      path += describeFunction(model.functions[sorted.cycle[i]]) + " -> ";
    if (sorted.cycle.size() > shown)
      path += fmt::format("... {} more -> ", sorted.cycle.size() - shown);
    throw InputError("",
                     "function call cycle: " + path +
                         describeFunction(model.functions[sorted.cycle[0]]));
  }
  std::vector<Expansion> bodies(model.functions.size());
  auto check = [&](const Expansion &expansion, const std::string &where) {
    if (expansion.callDepth > options.maxCallDepth)
      throw InputError(
          where, fmt::format("function calls are nested {} deep, more than {}",
                             expansion.callDepth, options.maxCallDepth));
    if (expansion.graphDepth > maxGraphDepth)
      throw InputError(
          where,
          fmt::format("subgraph nesting exceeds {} when functions are inlined",
                      maxGraphDepth));
    if (expansion.nodes > options.maxInlinedNodes)
      throw InputError(
          where, fmt::format("function expansion exceeds {} nodes when inlined",
                             options.maxInlinedNodes));
  };
  for (uint32_t item : sorted.order) {
    bodies[item] = expand(model.functions[item].nodes, functions, bodies);
    check(bodies[item], describeFunction(model.functions[item]));
  }
  check(expand(model.graph->nodes, functions, bodies), "");
}

} // namespace llmc::onnx
