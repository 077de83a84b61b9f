// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/GraphExporter.h"

#include "frontend/onnx/ElementTypes.h"
#include "frontend/onnx/SequenceTypes.h"

using namespace mlir;

namespace llmc::onnx {

static const char kMicrosoft[] = "com.microsoft";

const ExportTable &exportTable() {
  static const ExportTable table = [] {
    ExportTable t;
    addConstantExports(t);
    addConvExports(t);
    addControlExports(t);
    addDetectionExports(t);
    addElementwiseExports(t);
    addExpertsExports(t);
    addLayoutExports(t);
    addLinearAttentionExports(t);
    addIndexExports(t);
    addPoolExports(t);
    addQuantExports(t);
    addRecurrentExports(t);
    addReduceExports(t);
    addResizeExports(t);
    addMatmulExports(t);
    addNormExports(t);
    addAttentionExports(t);
    addCacheExports(t);
    addSequenceExports(t);
    addSignalExports(t);
    addWeightExports(t);
    return t;
  }();
  return table;
}

static std::string nameOf(func::FuncOp f, unsigned index, bool isResult) {
  auto attr = isResult ? f.getResultAttrOfType<StringAttr>(index, "llm.name")
                       : f.getArgAttrOfType<StringAttr>(index, "llm.name");
  return attr ? attr.str() : (isResult ? "out" : "in") + std::to_string(index);
}

/// The first opset that has values of the type, where the exporter's own has
/// not.
static int64_t opsetOf(Type type) {
  Type element = isa<llm::SequenceType>(type)
                     ? cast<llm::SequenceType>(type).getElement()
                     : getElementTypeOrSelf(type);
  if (isa<Float4E2M1FNType>(element))
    return 23;
  if (isa<Float8E8M0FNUType>(element))
    return 24;
  return element.isIntOrFloat() && element.getIntOrFloatBitWidth() == 2 ? 25
                                                                        : 0;
}

void GraphExporter::run(func::FuncOp f) {
  for (unsigned i = 0; i < f.getNumArguments(); ++i)
    taken.insert(nameOf(f, i, false));
  for (unsigned i = 0; i < f.getNumResults(); ++i)
    taken.insert(nameOf(f, i, true));
  for (BlockArgument arg : f.getArguments()) {
    Name input = nameOf(f, arg.getArgNumber(), false);
    needOpset(opsetOf(arg.getType()));
    graph->inputs.push_back({input, describe(arg.getType())});
    set(arg, input);
    if (isa<RankedTensorType>(arg.getType()))
      bindSizes(arg, llm::dimsMap(ctx, llm::dimsOf(arg)));
  }
  auto results = f.front().getTerminator()->getOperands();
  for (auto [i, v] : llvm::enumerate(results))
    outputs.try_emplace(v, nameOf(f, i, true));
  f.walk([&](llm::WeightOp w) { recipes.insert(w.getRecipe()); });
  for (Operation &op : f.front().without_terminator())
    write(&op);
  for (auto [i, v] : llvm::enumerate(results)) {
    Name output = nameOf(f, i, true);
    graph->outputs.push_back({output, describe(v.getType())});
    if (name(v) != output)
      graph->nodes.push_back({"Identity", "", "", {name(v)}, {output}, {}});
  }
  removeUnused(*graph);
}

/// Gives the node that has just been written the name of the model's output,
/// unless its own is in use already.
void GraphExporter::nameOutput(Value v, const Name &as) {
  Name old = name(v);
  auto isOld = [&](const auto &known) { return known.second == old; };
  if (graph->nodes.empty() || llvm::any_of(sizes, isOld) ||
      llvm::any_of(symbolNames, isOld))
    return;
  auto &written = graph->nodes.back().outputs;
  if (auto at = llvm::find(written, old); at != written.end())
    set(v, *at = as);
}

void GraphExporter::write(Operation *op) {
  Operation *outer = std::exchange(current, op);
  for (Type type : op->getResultTypes())
    needOpset(opsetOf(type));
  if (ExportRule rule = exportTable().lookup(op->getName().getStringRef()))
    rule(op, *this);
  else
    refuse();
  for (Value v : op->getResults())
    if (auto output = outputs.find(v); output != outputs.end())
      nameOutput(v, output->second);
  current = outer;
}

void GraphExporter::refuse(const std::string &why) {
  StringRef name = current->getName().getStringRef();
  llm::Site site = llm::siteOf(current->getLoc());
  refusedNames.insert(name.str());
  refused.push_back({"node " + std::to_string(site.node) + " " +
                         inQuotes(site.name) + " (" + escaped(site.op) + ")",
                     name.str() + " can't be written as ONNX" +
                         (why.empty() ? "" : ": " + why)});
}

GraphExporter::Name GraphExporter::fresh() {
  Name name;
  do
    name = "v" + std::to_string(count++);
  while (taken.count(name));
  return name;
}

std::shared_ptr<const WrittenGraph>
GraphExporter::body(llvm::function_ref<void()> fill) {
  auto inner = std::make_shared<WrittenGraph>();
  auto outerSymbols = symbolNames;
  auto outerSizes = sizes;
  WrittenGraph *outer = std::exchange(graph, inner.get());
  fill();
  removeUnused(*inner);
  graph = outer;
  symbolNames = std::move(outerSymbols);
  sizes = std::move(outerSizes);
  return inner;
}

GraphExporter::Name GraphExporter::input(const WrittenType &type) {
  Name name = fresh();
  graph->inputs.push_back({name, type});
  return name;
}

void GraphExporter::output(Name value, const WrittenType &type) {
  graph->outputs.push_back({node("Identity", {std::move(value)}), type});
}

WrittenType GraphExporter::describe(Type type) const {
  if (auto sequence = dyn_cast<llm::SequenceType>(type)) {
    WrittenType w{dataTypeOf(sequence.getElement()), {}};
    w.kind = valueKindOf(sequence.getKind());
    w.hasRank = sequence.hasRank();
    for (int64_t i = 0; i < sequence.getRank(); ++i)
      w.dims.push_back(std::string());
    return w;
  }
  WrittenType w{dataTypeOf(getElementTypeOrSelf(type)), {}};
  for (llm::Dim d : llm::dimsOf(type)) {
    if (auto fixed = llm::fixedDim(d))
      w.dims.push_back(*fixed);
    else if (symbols.followsFromInputs(d))
      w.dims.push_back(symbols.print(d));
    else // computed of data: nothing short to say
      w.dims.push_back(std::string());
  }
  return w;
}

void GraphExporter::bindSizes(Value v, AffineMap binds) {
  for (auto [axis, dim] : llvm::enumerate(llm::dimsOf(v)))
    if (auto s = dyn_cast<AffineSymbolExpr>(dim);
        s && !symbolNames.contains(s.getPosition()) &&
        llvm::is_contained(binds.getResults(), dim))
      bindSymbol(s.getPosition(),
                 node("Shape", {name(v)},
                      {{"start", int64_t(axis)}, {"end", int64_t(axis) + 1}}));
}

// ---- nodes ----

GraphExporter::Names GraphExporter::nodes(StringRef op, Names inputs,
                                          Attributes attributes,
                                          size_t results) {
  Names outputs;
  for (size_t i = 0; i < results; ++i)
    outputs.push_back(fresh());
  Name site;
  if (current)
    site = llm::siteOf(current->getLoc()).name;
  if (!site.empty())
    site += "/" + outputs[0]; // several nodes may come from one
  graph->nodes.push_back(
      {op.str(), "", site, std::move(inputs), outputs, std::move(attributes)});
  return outputs;
}

GraphExporter::Name GraphExporter::node(StringRef op, Names inputs,
                                        Attributes attributes) {
  return nodes(op, std::move(inputs), std::move(attributes), 1)[0];
}

GraphExporter::Name GraphExporter::contribNode(StringRef op, Names inputs,
                                               Attributes attributes) {
  Name result = node(op, std::move(inputs), std::move(attributes));
  graph->nodes.back().domain = kMicrosoft;
  model.opsets[kMicrosoft] = 1;
  return result;
}

GraphExporter::Name GraphExporter::cast(Name x, Type element) {
  return node("Cast", {x}, {{"to", int64_t(dataTypeOf(element))}});
}

GraphExporter::Name GraphExporter::reshape(Name x, Name shape) {
  return node("Reshape", {x, shape}, {{"allowzero", int64_t(1)}});
}

GraphExporter::Name GraphExporter::unsqueeze(Name x,
                                             std::vector<int64_t> axes) {
  return node("Unsqueeze", {x, ints(axes)});
}

GraphExporter::Name GraphExporter::transpose(Name x,
                                             std::vector<int64_t> perm) {
  return node("Transpose", {x}, {{"perm", std::move(perm)}});
}

GraphExporter::Name GraphExporter::slice(Name x, int64_t axis, int64_t from,
                                         int64_t to, int64_t step) {
  return node("Slice",
              {x, ints({from}), ints({to}), ints({axis}), ints({step})});
}

GraphExporter::Name GraphExporter::gatherRows(Name data, Name indices,
                                              int64_t axis,
                                              const llm::Dims &dims) {
  std::vector<int64_t> others;
  for (int64_t i = 1, rank = dims.size(); i < rank; ++i)
    if (i != axis)
      others.push_back(i);
  Name wide = node("Expand", {unsqueeze(indices, others), shape(dims)});
  return node("GatherElements", {data, wide}, {{"axis", axis}});
}

} // namespace llmc::onnx
