// SPDX-License-Identifier: Apache-2.0
#include "frontend/InputError.h"
#include "frontend/onnx/GraphImporter.h"

#include <queue>
#include <unordered_set>

namespace llmc::onnx {

using Names = std::unordered_set<std::string_view>;

/// Adds every name that a node reads from outside itself: its inputs, and what
/// its subgraphs capture.
static void addUses(const NodeProto &node, Names &uses) {
  for (std::string_view name : node.inputs)
    if (!name.empty())
      uses.insert(name);
  for (const AttributeProto &a : node.attributes)
    for (const GraphProto &g : a.graphs()) {
      Names inner;
      for (const ValueInfo &o : g.outputs)
        inner.insert(o.name);
      for (const NodeProto &n : g.nodes)
        addUses(n, inner);
      for (const ValueInfo &i : g.inputs)
        inner.erase(i.name);
      for (const TensorProto &t : g.initializers)
        inner.erase(t.name);
      for (const NodeProto &n : g.nodes)
        for (std::string_view name : n.outputs)
          inner.erase(name);
      uses.merge(inner);
    }
}

std::vector<const NodeProto *>
sortedNodes(const std::vector<NodeProto> &nodes) {
  std::unordered_map<std::string_view, size_t> producer;
  for (size_t i = 0; i < nodes.size(); ++i)
    for (std::string_view name : nodes[i].outputs)
      if (!name.empty())
        producer.emplace(name, i);
  std::vector<std::vector<size_t>> users(nodes.size());
  std::vector<size_t> waitsFor(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    Names uses;
    addUses(nodes[i], uses);
    for (std::string_view name : uses) {
      auto it = producer.find(name);
      if (it == producer.end())
        continue;
      users[it->second].push_back(i);
      ++waitsFor[i];
    }
  }
  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
  for (size_t i = 0; i < nodes.size(); ++i)
    if (!waitsFor[i])
      ready.push(i);
  std::vector<const NodeProto *> order;
  while (!ready.empty()) {
    size_t i = ready.top();
    ready.pop();
    order.push_back(&nodes[i]);
    for (size_t user : users[i])
      if (--waitsFor[user] == 0)
        ready.push(user);
  }
  for (size_t i = 0; i < nodes.size(); ++i)
    if (waitsFor[i])
      throw InputError(describeNode(nodes[i]), "is part of a cycle");
  return order;
}

} // namespace llmc::onnx
