// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/exports/Activation.h"
#include "frontend/onnx/exports/Weight.h"

using namespace mlir;

namespace llmc::onnx {

static GraphExporter::Name product(GraphExporter &e, Value x, Value y) {
  auto result = integerProduct(x, y, e);
  return result.empty() ? e.node("MatMul", {e.name(x), e.name(y)}) : result;
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
static GraphExporter::Name product(GraphExporter &e, Value x, Value weight,
                                   Value bias) {
  return sum(e, product(e, x, weight), bias);
}

static void exportLinear(Operation *op, GraphExporter &e) {
  auto linear = cast<llm::LinearOp>(op);
  auto y = product(e, linear.getX(), linear.getWeight(), linear.getBias());
  y = activated(e, linear.getActivation(), y, llm::elementOf(linear.getX()));
  e.set(linear.getResult(), sum(e, y, linear.getResidual()));
}

template <typename OpTy>
static GraphExporter::Name gated(OpTy op, GraphExporter &e) {
  Value x = op.getX();
  auto gate = activated(e, op.getActivation(),
                        product(e, x, op.getGate(), op.getGateBias()),
                        llm::elementOf(op.getX()));
  return e.node("Mul", {gate, product(e, x, op.getUp(), op.getUpBias())});
}

static void exportGatedLinear(Operation *op, GraphExporter &e) {
  e.set(op->getResult(0), gated(cast<llm::GatedLinearOp>(op), e));
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
