// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/GraphImporter.h"

#include "frontend/onnx/ElementTypes.h"
#include "frontend/onnx/SequenceTypes.h"
#include "ir/llm/Dialect.h"

using namespace mlir;

namespace llmc::onnx {

static StringRef ref(std::string_view s) { return {s.data(), s.size()}; }

Value ValueScope::find(std::string_view name) const {
  for (const ValueScope *s = this; s; s = s->outer)
    if (auto it = s->values.find(name); it != s->values.end())
      return it->second;
  return {};
}

const AttributeProto *CallContext::resolve(const AttributeProto &reference,
                                           const CallContext *&in) const {
  const AttributeProto *a = &reference;
  in = this;
  while (a && !a->refName.empty()) {
    std::string_view name = a->refName;
    if (!in->function)
      return nullptr;
    a = in->call->attribute(name);
    if (a) {
      in = in->outer;
      continue;
    }
    for (const AttributeProto &d : in->function->attributeDefaults)
      if (d.name == name)
        return d.refName.empty() ? &d : nullptr;
  }
  return a;
}

Location GraphImporter::locationOf(const NodeProto &node,
                                   const CallContext &context) const {
  llm::Site site;
  site.node = context.node >= 0 ? context.node : node.index;
  site.name = context.prefix + std::string(node.name);
  site.op = node.opType;
  return llm::siteLoc(builder.getContext(), site);
}

int64_t GraphImporter::versionOf(const NodeProto &node,
                                 const CallContext &context) const {
  for (const OpsetImport &o : context.opsets)
    if (canonicalDomain(o.domain) == node.domain)
      return o.version;
  return 1;
}

Value GraphImporter::absent() {
  return AbsentOp::create(builder, builder.getUnknownLoc(),
                          builder.getNoneType());
}

Value GraphImporter::get(std::string_view name, const ValueScope &scope,
                         const std::string &where) const {
  if (Value v = scope.find(name))
    return v;
  throw InputError(where, inQuotes(name) + " is not defined by any node, "
                                           "input or initializer");
}

void GraphImporter::define(std::string_view name, Value value,
                           ValueScope &scope, const std::string &where) {
  if (name.empty())
    return;
  if (!scope.values.emplace(name, value).second)
    throw InputError(where, inQuotes(name) + " is defined twice");
}

Attribute GraphImporter::tensorAttribute(const TensorProto &tensor,
                                         const std::string &where) {
  checkTensor(tensor, where);
  Type element = mlirType(builder.getContext(), tensor.dataType);
  if (!element)
    throw InputError(where,
                     "element type " + elementTypeName(tensor.dataType) +
                         " is not supported",
                     {}, ExitCode::Unsupported);
  auto type = RankedTensorType::get(tensor.dims, element);
  if (llm::fitsConstant(type))
    return denseElements(type, weights.read(tensor, where).bytes());
  return llm::sourceRecipe(type,
                           weights.add(tensor, std::string(tensor.name), type));
}

Value GraphImporter::stored(Attribute value, Location loc) {
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return llm::ConstantOp::create(builder, loc, dense);
  return llm::WeightOp::create(builder, loc, cast<llm::RecipeAttr>(value));
}

void GraphImporter::addInitializers(const GraphProto &graph,
                                    ValueScope &scope) {
  auto named = [&](std::string_view name) -> Location {
    return NameLoc::get(builder.getStringAttr(ref(name)));
  };
  for (const TensorProto &t : graph.initializers) {
    std::string where = describeTensor(t);
    define(t.name, stored(tensorAttribute(t, where), named(t.name)), scope,
           where);
  }
  for (const SparseTensorProto &t : graph.sparseInitializers) {
    std::string where = describeTensor(t.values);
    checkSparse(t, where);
    Type element = mlirType(builder.getContext(), t.values.dataType);
    if (!element)
      throw InputError(where,
                       "element type " + elementTypeName(t.values.dataType) +
                           " is not supported",
                       {}, ExitCode::Unsupported);
    auto type = RankedTensorType::get(t.dims, element);
    Attribute value;
    if (llm::fitsConstant(type))
      value = denseElements(type, weights.read(t, where).bytes());
    else
      value = llm::sourceRecipe(
          type, weights.add(t, std::string(t.values.name), type));
    define(t.values.name, stored(value, named(t.values.name)), scope, where);
  }
}

/// The optional type whose element is of this type; null where there is none.
static llm::SequenceType optionalElement(MLIRContext *ctx,
                                         const TypeProto &type) {
  if (auto sequence = sequenceType(ctx, type))
    return optionalType(sequence);
  Type element = type.kind == TypeProto::Kind::Tensor
                     ? mlirType(ctx, type.elemType)
                     : Type();
  if (!element)
    return {};
  int64_t rank = type.shape ? static_cast<int64_t>(type.shape->size())
                            : llm::SequenceType::kAnyRank;
  return llm::SequenceType::get(ctx, element, rank,
                                llm::SequenceKind::Optional);
}

Attribute GraphImporter::attribute(const AttributeProto &a,
                                   const std::string &where) {
  switch (a.type) {
  case AttributeType::Float:
    return builder.getF32FloatAttr(a.f);
  case AttributeType::Int:
    return builder.getI64IntegerAttr(a.i);
  case AttributeType::String:
    return builder.getStringAttr(ref(a.s));
  case AttributeType::Ints:
    return builder.getDenseI64ArrayAttr(a.ints);
  case AttributeType::Floats:
    return builder.getDenseF32ArrayAttr(a.floats);
  case AttributeType::Strings: {
    SmallVector<Attribute> all;
    for (std::string_view s : a.strings)
      all.push_back(builder.getStringAttr(ref(s)));
    return builder.getArrayAttr(all);
  }
  case AttributeType::Tensor:
    // Strings have no tensors here; the rule that needs the value says so.
    if (a.tensor() && mlirType(builder.getContext(), a.tensor()->dataType))
      return tensorAttribute(*a.tensor(), where);
    return builder.getUnitAttr();
  case AttributeType::TypeProto:
    if (a.typeProto())
      if (auto type = optionalElement(builder.getContext(), *a.typeProto()))
        return TypeAttr::get(type);
    return builder.getUnitAttr();
  default:
    return builder.getUnitAttr();
  }
}

void GraphImporter::addNodes(const std::vector<NodeProto> &nodes,
                             ValueScope &scope, const CallContext &context) {
  for (const NodeProto &node : nodes)
    addNode(node, scope, context);
}

void GraphImporter::addNode(const NodeProto &node, ValueScope &scope,
                            const CallContext &context) {
  if (const FunctionProto *f = functions.find(node))
    inlineCall(node, *f, scope, context);
  else
    addOp(node, scope, context);
}

void GraphImporter::addOp(const NodeProto &node, ValueScope &scope,
                          const CallContext &context) {
  std::string where = describeNode(node);
  SmallVector<Value> inputs;
  for (std::string_view name : node.inputs)
    inputs.push_back(name.empty() ? absent() : get(name, scope, where));
  SmallVector<NamedAttribute> params;
  SmallVector<Attribute> bodies;
  SmallVector<std::pair<const GraphProto *, const CallContext *>> graphs;
  for (const AttributeProto &written : node.attributes) {
    const CallContext *in = &context;
    const AttributeProto *a = context.resolve(written, in);
    if (!a)
      continue;
    for (const GraphProto &g : a->graphs()) {
      bodies.push_back(builder.getStringAttr(ref(written.name)));
      graphs.push_back({&g, in});
    }
    if (a->graphs().empty())
      params.push_back(
          builder.getNamedAttr(ref(written.name), attribute(*a, where)));
  }
  OperationState state(locationOf(node, context), NodeOp::getOperationName());
  SmallVector<Type> types(node.outputs.size(), builder.getNoneType());
  NodeOp::build(builder, state, types, inputs, ref(node.opType),
                ref(node.domain), versionOf(node, context),
                builder.getDictionaryAttr(params), builder.getArrayAttr(bodies),
                graphs.size());
  auto op = cast<NodeOp>(builder.create(state));
  for (auto [i, graph] : llvm::enumerate(graphs))
    addBody(*graph.first, op.getBodies()[i], scope, *graph.second);
  for (auto [name, result] : llvm::zip(node.outputs, op.getOutputs()))
    define(name, result, scope, where);
}

void GraphImporter::addBody(const GraphProto &graph, Region &region,
                            const ValueScope &outer,
                            const CallContext &context) {
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&region);
  ValueScope scope{&outer, {}};
  for (const ValueInfo &input : graph.inputs)
    define(input.name,
           block->addArgument(builder.getNoneType(), builder.getUnknownLoc()),
           scope, "input " + inQuotes(input.name));
  addInitializers(graph, scope);
  addNodes(graph.nodes, scope, context);
  SmallVector<Value> results;
  for (const ValueInfo &output : graph.outputs)
    results.push_back(
        get(output.name, scope, "output of subgraph " + inQuotes(graph.name)));
  ReturnOp::create(builder, builder.getUnknownLoc(), results);
}

void GraphImporter::inlineCall(const NodeProto &node,
                               const FunctionProto &function, ValueScope &outer,
                               const CallContext &context) {
  std::string where = describeNode(node);
  CallContext inner;
  inner.outer = &context;
  inner.function = &function;
  inner.call = &node;
  inner.node = context.node >= 0 ? context.node : node.index;
  inner.prefix = context.prefix +
                 std::string(node.name.empty() ? node.opType : node.name) + "/";
  inner.opsets = function.opsets.empty()
                     ? context.opsets
                     : std::span<const OpsetImport>(function.opsets);
  ValueScope scope;
  for (auto [i, name] : llvm::enumerate(function.inputs)) {
    bool given = i < node.inputs.size() && !node.inputs[i].empty();
    define(name, given ? get(node.inputs[i], outer, where) : absent(), scope,
           where);
  }
  addNodes(function.nodes, scope, inner);
  for (auto [i, name] : llvm::enumerate(node.outputs))
    if (!name.empty())
      define(name, get(function.outputs[i], scope, where), outer, where);
}

} // namespace llmc::onnx
