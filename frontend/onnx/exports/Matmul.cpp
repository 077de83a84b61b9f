// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/exports/Activation.h"
#include "frontend/onnx/exports/Weight.h"
#include "ir/llm/QuantOps.h"

using namespace mlir;

namespace llmc::onnx {

/// x . y, with x rounded first where there is a rounding.
static GraphExporter::Name product(GraphExporter &e, Value x, Value y,
                                   llm::IntegerRoundingAttr rounding = {}) {
  auto fake = x.getDefiningOp<llm::FakeQuantizeOp>();
  GraphExporter::Name whole =
      !rounding && fake
          ? quantizedProduct(fake.getX(), fake.getRounding(), y, e)
          : quantizedProduct(x, rounding, y, e);
  if (!whole.empty())
    return whole;
  // Kernels widen a weight of halves as they read it.
  return e.node("MatMul", {rounding ? roundedValue(x, rounding, e) : e.name(x),
                           e.castTo(y, llm::elementOf(x))});
}

static void exportMatmul(Operation *op, GraphExporter &e) {
  auto matmul = cast<llm::MatmulOp>(op);
  e.set(matmul.getResult(), product(e, matmul.getA(), matmul.getB()));
}

/// y + bias, which may be null.
static GraphExporter::Name sum(GraphExporter &e, GraphExporter::Name y,
                               Value bias) {
  return bias ? e.node("Add", {y, e.name(bias)}) : y;
}

/// x . weight + bias
static GraphExporter::Name linear(GraphExporter &e, Value x, Value weight,
                                  Value bias,
                                  llm::IntegerRoundingAttr rounding) {
  return sum(e, product(e, x, weight, rounding), bias);
}

static GraphExporter::Name times(GraphExporter &e, GraphExporter::Name y,
                                 APFloat factor, Type element) {
  double f = factor.convertToDouble();
  return f == 1 ? y : e.node("Mul", {y, e.scalar(element, f)});
}

static void exportLinear(Operation *op, GraphExporter &e) {
  auto product = cast<llm::LinearOp>(op);
  Value x = product.getX();
  auto y = linear(e, x, product.getWeight(), product.getBias(),
                  product.getRoundingAttr());
  Type element = llm::elementOf(product.getResult());
  y = times(e, y, product.getScale(), element);
  y = activated(e, product.getActivation(), y, element);
  y = times(e, y, product.getGain(), element);
  e.set(product.getResult(), sum(e, y, product.getResidual()));
}

template <typename OpTy>
static GraphExporter::Name gated(OpTy op, GraphExporter &e,
                                 llm::IntegerRoundingAttr rounding = {}) {
  Value x = op.getX();
  auto gate = activated(e, op.getActivation(),
                        linear(e, x, op.getGate(), op.getGateBias(), rounding),
                        llm::elementOf(op.getX()));
  return e.node("Mul",
                {gate, linear(e, x, op.getUp(), op.getUpBias(), rounding)});
}

static void exportGatedLinear(Operation *op, GraphExporter &e) {
  auto half = cast<llm::GatedLinearOp>(op);
  e.set(half.getResult(), gated(half, e, half.getRoundingAttr()));
}

static void exportGatedMlp(Operation *op, GraphExporter &e) {
  auto mlp = cast<llm::GatedMlpOp>(op);
  auto y = e.node("MatMul", {gated(mlp, e), e.name(mlp.getDown())});
  e.set(mlp.getResult(), sum(e, y, mlp.getDownBias()));
}

void addMatmulExports(ExportTable &table) {
  table["llm.matmul"] = exportMatmul;
  table["llm.det"] = [](Operation *op, GraphExporter &e) {
    e.set(op->getResult(0), e.node("Det", {e.name(op->getOperand(0))}));
  };
  table["llm.linear"] = exportLinear;
  table["llm.gated_linear"] = exportGatedLinear;
  table["llm.gated_mlp"] = exportGatedMlp;
}

} // namespace llmc::onnx
