// SPDX-License-Identifier: Apache-2.0
// What the files of the validation share; nobody else includes it.
#ifndef LLMC_FRONTEND_ONNX_READER_VALIDATOR_H
#define LLMC_FRONTEND_ONNX_READER_VALIDATOR_H

#include "frontend/onnx/reader/TopologicalSort.h"
#include "frontend/onnx/reader/Validate.h"

#include <unordered_map>
#include <unordered_set>

namespace llmc::onnx {

/// A graph or function body with what surrounds it.
struct Scope {
  const Scope *parent = nullptr; // whose values may be captured
  const NodeProto *owner =
      nullptr; // the node that has this graph as an attribute
  std::string_view ownerAttribute; // and the attribute's name
  const FunctionProto *function = nullptr;
  std::span<const OpsetImport> opsets;

  /// Who defines a name in this graph: a node's position, or one of these.
  static constexpr uint32_t isInput = UINT32_MAX,
                            isInitializer = UINT32_MAX - 1;
  std::unordered_map<std::string_view, uint32_t> producers;

  /// `function 'f'`, `node 3 'if' (If) then_branch`, or nothing for the main
  /// graph.
  std::string where() const;
  std::string where(const NodeProto &node) const {
    return where(describeNode(node));
  }
  std::string where(const std::string &inner) const;
  bool isMain() const { return !parent && !function; }
};

struct Validator {
  ModelProto &model;
  ExternalFiles &external;
  Remarks &remarks;
  const ValidateOptions &options;
  FunctionTable functions;
  uint64_t nodeCount = 0;
  std::vector<NodeNote> old = {}; // nodes in forms from before opset 6

  // Validate.cpp
  void checkHeader();
  void checkOpsets(std::span<const OpsetImport> opsets,
                   const std::string &where);
  // ValidateFunctions.cpp
  void checkFunctions();
  void checkExpansion();
  // ValidateGraph.cpp
  using Names = std::unordered_set<std::string_view>;
  /// Returns the names that the graph takes from outside.
  Names checkGraph(GraphProto &graph, Scope &scope);
  void checkFunctionBody(FunctionProto &function);
  // ValidateNode.cpp
  void checkNode(const NodeProto &node, const Scope &scope);
  // ValidateTypes.cpp
  void checkInterface(GraphProto &graph, const Scope &scope);
  void checkTensors(const GraphProto &graph, const Scope &scope);
  void checkTensorAttribute(const AttributeProto &attribute,
                            const std::string &where);
  // ValidateControlFlow.cpp
  void checkControlFlow(const NodeProto &node, const Scope &scope);

  void checkTensor(const TensorProto &tensor, const std::string &where);
  void checkSparse(const SparseTensorProto &tensor, const std::string &where);

private:
  Names checkNodes(std::vector<NodeProto> &nodes, Scope &scope);
  void sortNodes(std::vector<NodeProto> &nodes, Scope &scope,
                 const Dependencies &dependencies);
  void defineOutputs(std::vector<NodeProto> &nodes, Scope &scope);
  void define(Scope &scope, std::string_view name, uint32_t producer,
              const std::string &where);
  bool requireValue(const Scope &scope, std::string_view name) const;
};

/// Where a node is, put into words only for a message.
struct NodePlace {
  const NodeProto &node;
  const Scope &scope;
  operator std::string() const { return scope.where(node); }
};

[[noreturn]] void failLongName(std::string_view name, const std::string &where);

/// Names are at most 64 KiB long. where is a string or becomes one.
template <typename Where>
void requireShortName(std::string_view name, const Where &where) {
  constexpr size_t maxNameBytes = 65536;
  if (name.size() > maxNameBytes)
    failLongName(name, where);
}

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_VALIDATOR_H
