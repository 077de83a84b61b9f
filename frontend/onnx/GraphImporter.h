// SPDX-License-Identifier: Apache-2.0
// Builds the `onnx.node`s of graphs, subgraphs and inlined functions. Part of
// the importer; lives while one model is imported.
#pragma once

#include "frontend/onnx/ModelWeights.h"
#include "ir/llm/Shape.h"
#include "ir/onnx/Dialect.h"
#include "mlir/IR/Builders.h"

#include <map>
#include <unordered_map>

namespace llmc::onnx {

/// Names to values, with the scopes around it.
struct ValueScope {
  const ValueScope *outer = nullptr;
  std::unordered_map<std::string_view, mlir::Value> values;
  mlir::Value find(std::string_view name) const;
};

/// What a function's body is inlined with; null fields in the main graph.
struct CallContext {
  const CallContext *outer = nullptr;
  const FunctionProto *function = nullptr;
  const NodeProto *call = nullptr;
  std::string prefix; // of node names, "block_0/"
  int64_t node = -1;  // index of the main graph's node
  std::span<const OpsetImport> opsets;

  /// The attribute that a name refers to from within the function; null if
  /// neither given nor defaulted. in becomes the context the result is read in.
  const AttributeProto *resolve(const AttributeProto &reference,
                                const CallContext *&in) const;
};

class GraphImporter {
public:
  /// The model passed validate(): its nodes are in order, no function calls
  /// itself, and inlining ends.
  GraphImporter(mlir::OpBuilder &builder, const ModelProto &model,
                ModelWeights &weights)
      : builder(builder), functions(model), weights(weights) {}

  /// Constants and weights for the graph's initializers, at the insertion
  /// point.
  void addInitializers(const GraphProto &graph, ValueScope &scope);
  void addNodes(const std::vector<NodeProto> &nodes, ValueScope &scope,
                const CallContext &context);
  mlir::Value get(std::string_view name, const ValueScope &scope,
                  const std::string &where) const;
  mlir::Value absent();

private:
  void addNode(const NodeProto &node, ValueScope &scope,
               const CallContext &context);
  void addOp(const NodeProto &node, ValueScope &scope,
             const CallContext &context);
  void inlineCall(const NodeProto &node, const FunctionProto &function,
                  ValueScope &scope, const CallContext &context);
  void addBody(const GraphProto &graph, mlir::Region &region,
               const ValueScope &scope, const CallContext &context);
  mlir::Attribute attribute(const AttributeProto &attribute,
                            const std::string &where);
  mlir::Attribute tensorAttribute(const TensorProto &tensor,
                                  const std::string &where);
  mlir::Value stored(mlir::Attribute value, mlir::Location loc);
  void define(std::string_view name, mlir::Value value, ValueScope &scope,
              const std::string &where);
  mlir::Location locationOf(const NodeProto &node,
                            const CallContext &context) const;
  int64_t versionOf(const NodeProto &node, const CallContext &context) const;

  mlir::OpBuilder &builder;
  FunctionTable functions;
  ModelWeights &weights;
};

} // namespace llmc::onnx
