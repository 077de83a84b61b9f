// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/Importer.h"

#include "frontend/onnx/DimParam.h"
#include "frontend/onnx/ElementTypes.h"
#include "frontend/onnx/GraphImporter.h"
#include "frontend/onnx/OnnxToLLM.h"
#include "frontend/onnx/SequenceTypes.h"
#include "ir/llm/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace llmc::onnx {

static StringRef ref(std::string_view s) { return {s.data(), s.size()}; }

/// The graph's inputs that are not initializers too.
static std::vector<const ValueInfo *> realInputs(const GraphProto &graph,
                                                 Remarks &remarks) {
  std::set<std::string_view> stored;
  for (const TensorProto &t : graph.initializers)
    stored.insert(t.name);
  for (const SparseTensorProto &t : graph.sparseInitializers)
    stored.insert(t.values.name);
  std::vector<const ValueInfo *> inputs;
  size_t both = 0;
  for (const ValueInfo &input : graph.inputs) {
    if (!stored.contains(input.name))
      inputs.push_back(&input);
    else
      ++both;
  }
  if (both)
    remarks.note("", std::to_string(both) +
                         " inputs have initializers and are treated as "
                         "constants");
  return inputs;
}

static std::string describeInput(const ValueInfo &input) {
  return "input " + inQuotes(input.name);
}

static DimParams collectParams(llm::Symbols &symbols,
                               ArrayRef<const ValueInfo *> inputs) {
  std::set<std::string, std::less<>> plain;
  for (const ValueInfo *input : inputs)
    for (const Dim &d : input->type.shape.value_or(std::vector<Dim>()))
      if (d.kind == Dim::Kind::Param && DimParams::isName(d.param))
        plain.emplace(d.param);
  return DimParams(symbols, std::move(plain));
}

static Type inputType(const ValueInfo &input, MLIRContext *ctx,
                      DimParams &params, llm::Symbols &symbols) {
  auto unsupported = [&](std::string what) -> InputError {
    return InputError(describeInput(input), std::move(what), {},
                      ExitCode::Unsupported);
  };
  if (input.type.kind != TypeProto::Kind::Tensor) {
    const TypeProto *item = itemType(input.type);
    if (!item)
      throw unsupported("an input that is neither a tensor, a sequence of "
                        "tensors nor an optional one is not supported");
    llm::SequenceType type = sequenceType(ctx, input.type);
    if (!type || isPacked(type.getElement()))
      throw unsupported("sequences of element type " +
                        elementTypeName(item->elemType) + " are not supported");
    return type;
  }
  Type element = mlirType(ctx, input.type.elemType);
  if (!element)
    throw unsupported("element type " + elementTypeName(input.type.elemType) +
                      " is not supported");
  if (!input.type.shape)
    throw unsupported("an input without a declared rank is not supported");
  llm::Dims dims;
  for (auto [axis, d] : llvm::enumerate(*input.type.shape)) {
    if (d.kind == Dim::Kind::Value && d.value >= 0)
      dims.push_back(llm::constantDim(ctx, d.value));
    else if (d.kind == Dim::Kind::Param && !d.param.empty())
      dims.push_back(params.parse(ctx, d.param));
    else
      dims.push_back(
          symbols.fresh((ref(input.name) + "." + std::to_string(axis)).str()));
  }
  return llm::tensorType(ctx, dims, element);
}

static NamedAttribute nameAttr(Builder &b, std::string_view name) {
  return b.getNamedAttr("llm.name", b.getStringAttr(ref(name)));
}

/// The name, and the sizes that all tensors of a sequence have (-1: free).
static DictionaryAttr inputAttrs(Builder &b, const ValueInfo &input) {
  SmallVector<NamedAttribute> attrs = {nameAttr(b, input.name)};
  const TypeProto *item = itemType(input.type);
  if (item && item != &input.type && item->shape) {
    SmallVector<int64_t> sizes;
    for (const Dim &d : *item->shape)
      sizes.push_back(d.kind == Dim::Kind::Value ? d.value : -1);
    attrs.push_back(
        b.getNamedAttr("llm.item_dims", b.getDenseI64ArrayAttr(sizes)));
  }
  return b.getDictionaryAttr(attrs);
}

/// The name, and the type where it is declared as a sequence or an optional
/// value.
static DictionaryAttr outputAttrs(Builder &b, const ValueInfo &output) {
  SmallVector<NamedAttribute> attrs = {nameAttr(b, output.name)};
  if (auto type = sequenceType(b.getContext(), output.type))
    attrs.push_back(b.getNamedAttr("llm.declared", TypeAttr::get(type)));
  return b.getDictionaryAttr(attrs);
}

void registerImportDialects(DialectRegistry &registry) {
  registry.insert<llm::LlmDialect, OnnxDialect, func::FuncDialect>();
}

ImportedModel importModel(MLIRContext *ctx, const std::string &path,
                          Remarks &remarks, const ValidateOptions &options,
                          size_t firstWeight) {
  DialectRegistry registry;
  registerImportDialects(registry);
  ctx->appendDialectRegistry(registry);
  ctx->loadAllAvailableDialects();
  auto valid =
      std::make_shared<const ValidModel>(loadModel(path, remarks, options));
  const ModelProto &model = valid->model();
  const GraphProto &graph = valid->graph();
  auto weights = std::make_unique<ModelWeights>(valid, firstWeight);
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(ctx));
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  std::vector<const ValueInfo *> inputs = realInputs(graph, remarks);
  llm::Symbols symbols(*module);
  DimParams params = collectParams(symbols, inputs);

  SmallVector<Type> types, none(graph.outputs.size(), builder.getNoneType());
  for (const ValueInfo *input : inputs)
    types.push_back(inputType(*input, ctx, params, symbols));
  auto main = func::FuncOp::create(builder, builder.getUnknownLoc(), "main",
                                   builder.getFunctionType(types, none));
  builder.setInsertionPointToStart(main.addEntryBlock());
  ValueScope scope;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    main.setArgAttrs(i, inputAttrs(builder, *input));
    if (input->name.empty() ||
        !scope.values.emplace(input->name, main.getArgument(i)).second)
      throw InputError(describeInput(*input), "is declared twice or empty");
  }
  GraphImporter importer(builder, model, *weights);
  importer.addInitializers(graph, scope);
  CallContext context;
  context.opsets = model.opsets;
  importer.addNodes(graph.nodes, scope, context);
  SmallVector<Value> results;
  for (auto [i, output] : llvm::enumerate(graph.outputs)) {
    main.setResultAttrs(i, outputAttrs(builder, output));
    results.push_back(
        importer.get(output.name, scope, "output " + inQuotes(output.name)));
  }
  for (auto [i, v] : llvm::enumerate(results))
    none[i] = v.getType();
  main.setFunctionType(builder.getFunctionType(types, none));
  func::ReturnOp::create(builder, builder.getUnknownLoc(), results);
  return {std::move(module), std::move(weights)};
}

ImportedModel importToLLM(MLIRContext *ctx, const std::string &path,
                          Remarks &remarks, const ValidateOptions &options,
                          size_t firstWeight) {
  ImportedModel model = importModel(ctx, path, remarks, options, firstWeight);
  convertOnnxToLLM(*model.module);
  return model;
}

} // namespace llmc::onnx
