// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/exports/Activation.h"

using namespace mlir;

namespace llmc::onnx {

static void exportMatmul(Operation *op, GraphExporter &e) {
  auto matmul = cast<llm::MatmulOp>(op);
  e.set(matmul.getResult(),
        e.node("MatMul", {e.name(matmul.getA()), e.name(matmul.getB())}));
}

/// x . weight + bias; the bias may be null.
static GraphExporter::Name product(GraphExporter &e, GraphExporter::Name x,
                                   Value weight, Value bias) {
  auto y = e.node("MatMul", {x, e.name(weight)});
  return bias ? e.node("Add", {y, e.name(bias)}) : y;
}

static void exportLinear(Operation *op, GraphExporter &e) {
  auto linear = cast<llm::LinearOp>(op);
  auto y =
      product(e, e.name(linear.getX()), linear.getWeight(), linear.getBias());
  y = activated(e, linear.getActivation(), y, llm::elementOf(linear.getX()));
  if (linear.getResidual())
    y = e.node("Add", {y, e.name(linear.getResidual())});
  e.set(linear.getResult(), y);
}

template <typename OpTy>
static GraphExporter::Name gated(OpTy op, GraphExporter &e) {
  auto x = e.name(op.getX());
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
  e.set(mlp.getResult(),
        product(e, gated(mlp, e), mlp.getDown(), mlp.getDownBias()));
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
