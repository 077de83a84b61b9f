// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

/// Runs `body` on x in f32 and rounds its result once to x's type.
static Name inFloat(GraphExporter &e, Value x,
                    llvm::function_ref<Name(Name)> body) {
  Type element = llm::elementOf(x);
  if (element.isF32() || element.isF64())
    return body(e.name(x));
  Type f32 = Float32Type::get(e.context());
  return e.cast(body(e.cast(e.name(x), f32)), element);
}

static Type statisticsType(Value x) {
  return llm::elementOf(x).isF64() ? llm::elementOf(x)
                                   : Type(Float32Type::get(x.getContext()));
}

static void exportRmsNorm(Operation *op, GraphExporter &e) {
  auto norm = cast<llm::RmsNormOp>(op);
  Type wide = statisticsType(norm.getX());
  e.set(norm.getResult(), inFloat(e, norm.getX(), [&](Name x) {
          auto mean =
              e.node("ReduceMean", {e.node("Mul", {x, x}), e.ints({-1})},
                     {{"keepdims", int64_t(1)}});
          auto epsilon = e.scalar(wide, norm.getEpsilon().convertToDouble());
          auto root = e.node("Sqrt", {e.node("Add", {mean, epsilon})});
          auto y = e.node("Div", {x, root});
          if (norm.getWeight())
            y = e.node("Mul", {y, e.castTo(norm.getWeight(), wide)});
          return norm.getResidual()
                     ? e.node("Add", {y, e.castTo(norm.getResidual(), wide)})
                     : y;
        }));
}

static void exportLayerNorm(Operation *op, GraphExporter &e) {
  auto norm = cast<llm::LayerNormOp>(op);
  Type wide = statisticsType(norm.getX());
  auto ones = [&] {
    int64_t rank = llm::rankOf(norm.getX());
    return e.node("Expand",
                  {e.scalar(wide, 1),
                   e.size(llm::dimOf(norm.getX().getType(), rank - 1))});
  };
  e.set(norm.getResult(), inFloat(e, norm.getX(), [&](Name x) {
          GraphExporter::Names inputs = {
              x, norm.getWeight() ? e.castTo(norm.getWeight(), wide) : ones()};
          if (norm.getBias())
            inputs.push_back(e.castTo(norm.getBias(), wide));
          return e.node(
              "LayerNormalization", inputs,
              {{"axis", int64_t(-1)},
               {"epsilon",
                static_cast<float>(norm.getEpsilon().convertToDouble())}});
        }));
}

static void exportSoftmax(Operation *op, GraphExporter &e) {
  auto softmax = cast<llm::SoftmaxOp>(op);
  e.set(softmax.getResult(),
        e.node(softmax.getLog() ? "LogSoftmax" : "Softmax",
               {e.name(softmax.getX())},
               {{"axis", static_cast<int64_t>(softmax.getAxis())}}));
}

void addNormExports(ExportTable &table) {
  table["llm.rms_norm"] = exportRmsNorm;
  table["llm.layer_norm"] = exportLayerNorm;
  table["llm.softmax"] = exportSoftmax;
}

} // namespace llmc::onnx
