// SPDX-License-Identifier: Apache-2.0
// If, Loop, Scan and SequenceMap: how their bodies' inputs and outputs match
// the node's.
#include "frontend/onnx/reader/ElementType.h"
#include "frontend/onnx/reader/Schema.h"
#include "frontend/onnx/reader/Validator.h"

#include <fmt/format.h>

namespace llmc::onnx {

namespace {

/// One node with its subgraphs, for messages and counting.
class ControlFlow {
public:
  ControlFlow(const NodeProto &node, const Scope &scope)
      : node(node), scope(scope) {}

  void checkIf() const {
    for (const char *name : {"then_branch", "else_branch"}) {
      const GraphProto *branch = body(name);
      if (!branch)
        continue;
      count(name, "inputs", branch->inputs.size(), 0);
      count(name, "outputs", branch->outputs.size(), node.outputs.size());
    }
    const GraphProto *thenBranch = body("then_branch"),
                     *elseBranch = body("else_branch");
    for (size_t i = 0;
         thenBranch && elseBranch && i < thenBranch->outputs.size(); ++i)
      sameElement(thenBranch->outputs[i], elseBranch->outputs[i],
                  fmt::format("output {} of the two branches", i));
  }

  void checkLoop() const {
    const GraphProto *graph = body("body");
    if (!graph)
      return;
    // Inputs: trip count, condition, states. Body: iteration, condition, states
    // -> condition, states, collected.
    size_t states = node.inputs.size() > 2 ? node.inputs.size() - 2 : 0;
    count("body", "inputs", graph->inputs.size(), states + 2);
    count("body", "outputs", graph->outputs.size(), node.outputs.size() + 1);
    if (graph->outputs.size() < states + 1)
      fail(
          fmt::format("body returns {} outputs for its condition and {} states",
                      graph->outputs.size(), states));
    element(graph->inputs[0], ElementType::Int64,
            "the body's iteration number");
    element(graph->inputs[1], ElementType::Bool, "the body's condition");
    element(graph->outputs[0], ElementType::Bool,
            "the condition that the body returns");
    for (size_t i = 0; i < states; ++i)
      sameElement(graph->inputs[i + 2], graph->outputs[i + 1],
                  fmt::format("state {} at the body's begin and end", i));
  }

  void checkScan(int since) const {
    const GraphProto *graph = body("body");
    const AttributeProto *attribute = node.attribute("num_scan_inputs");
    if (!graph || !attribute || !attribute->refName.empty())
      return;
    size_t skipped = since < 9 ? 1 : 0; // Scan-8 begins with sequence_lens
    size_t inputs = node.inputs.size() - std::min(skipped, node.inputs.size());
    if (attribute->i < 1 || static_cast<uint64_t>(attribute->i) > inputs)
      fail(fmt::format("num_scan_inputs {} is out of the range [1, {}]",
                       attribute->i, inputs));
    auto scanned = static_cast<size_t>(attribute->i);
    size_t states = inputs - scanned;
    count("body", "inputs", graph->inputs.size(), inputs);
    count("body", "outputs", graph->outputs.size(), node.outputs.size());
    if (graph->outputs.size() < states)
      fail(fmt::format("body returns {} outputs for {} states",
                       graph->outputs.size(), states));
    for (size_t i = 0; i < states; ++i)
      sameElement(graph->inputs[i], graph->outputs[i],
                  fmt::format("state {} at the body's begin and end", i));
    directions("scan_input_directions", scanned);
    directions("scan_output_directions", graph->outputs.size() - states);
    directions("directions", scanned);
    lengthOf("scan_input_axes", scanned);
    lengthOf("scan_output_axes", graph->outputs.size() - states);
  }

  void checkSequenceMap() const {
    if (const GraphProto *graph = body("body")) {
      count("body", "inputs", graph->inputs.size(), node.inputs.size());
      count("body", "outputs", graph->outputs.size(), node.outputs.size());
    }
  }

private:
  [[noreturn]] void fail(const std::string &what) const {
    throw InputError(scope.where(node), what);
  }

  const GraphProto *body(std::string_view name) const {
    const AttributeProto *attribute = node.attribute(name);
    return attribute ? attribute->graph() : nullptr;
  }
  void count(const char *name, const char *what, size_t have,
             size_t want) const {
    if (have != want)
      fail(fmt::format("{} has {} {}, expected {}", name, have, what, want));
  }
  /// Declared types of subgraphs are hints; where they are given they must
  /// agree.
  static int32_t elementOf(const ValueInfo &value) {
    return value.type.kind == TypeProto::Kind::Tensor ? value.type.elemType : 0;
  }
  void element(const ValueInfo &value, ElementType want,
               const char *what) const {
    int32_t have = elementOf(value);
    if (have != 0 && have != static_cast<int32_t>(want))
      fail(fmt::format("{} {} is {}, expected {}", what, inQuotes(value.name),
                       elementTypeName(have),
                       elementTypeName(static_cast<int32_t>(want))));
  }
  void sameElement(const ValueInfo &a, const ValueInfo &b,
                   const std::string &what) const {
    int32_t first = elementOf(a), second = elementOf(b);
    if (first != 0 && second != 0 && first != second)
      fail(fmt::format("{} has two types, {} and {}", what,
                       elementTypeName(first), elementTypeName(second)));
  }
  const AttributeProto *lengthOf(std::string_view name, size_t want) const {
    const AttributeProto *attribute = node.attribute(name);
    if (attribute && attribute->refName.empty() &&
        attribute->ints.size() != want)
      fail(fmt::format("{} has {} entries, expected {}", name,
                       attribute->ints.size(), want));
    return attribute;
  }
  void directions(std::string_view name, size_t want) const {
    if (const AttributeProto *attribute = lengthOf(name, want))
      for (int64_t direction : attribute->ints)
        if (direction != 0 && direction != 1)
          fail(fmt::format("{} holds {}, expected 0 or 1", name, direction));
  }

  const NodeProto &node;
  const Scope &scope;
};

} // namespace

void Validator::checkControlFlow(const NodeProto &node, const Scope &scope) {
  if (!node.domain.empty() || functions.find(node))
    return;
  ControlFlow flow(node, scope);
  if (node.opType == "If")
    flow.checkIf();
  else if (node.opType == "Loop")
    flow.checkLoop();
  else if (node.opType == "SequenceMap")
    flow.checkSequenceMap();
  else if (node.opType == "Scan")
    flow.checkScan(
        resolve("", "Scan", importedVersion(scope.opsets, ""))->sinceVersion);
}

} // namespace llmc::onnx
