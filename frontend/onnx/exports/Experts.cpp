// SPDX-License-Identifier: Apache-2.0
// A mixture of experts in primitives: every expert is computed for every token.
// The contrib ops choose experts themselves, by a softmax of what they are
// given, and can't take the weights that a router has computed.
#include "frontend/onnx/exports/Activation.h"

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

namespace {
class ExpertsExporter {
public:
  ExpertsExporter(llm::ExpertsOp op, GraphExporter &e)
      : op(op), e(e), f32(Float32Type::get(e.context())) {}

  void run() {
    llm::Dims routing = llm::dimsOf(op.getRouting()); // [tokens, experts]
    llm::Dims down = llm::dimsOf(op.getDown()); // [inner, experts * width]
    llm::Dim tokens = routing[0], experts = routing[1], inner = down[0],
             width = llm::simplified(down[1].floorDiv(experts));
    Name h = e.reshape(hidden(), e.shape({tokens, experts, inner}));
    Name w = e.reshape(wide(op.getDown()), e.shape({inner, experts, width}));
    Name y = e.node("MatMul", {e.transpose(h, {1, 0, 2}),
                               e.transpose(w, {1, 0, 2})}); // [e, t, width]
    if (op.getDownBias())
      y = e.node("Add", {y, e.unsqueeze(wide(op.getDownBias()), {1})});
    Name share = e.unsqueeze(e.transpose(wide(op.getRouting()), {1, 0}), {2});
    Name zero = number(0);
    y = e.node("Where", {e.node("Equal", {share, zero}), zero,
                         e.node("Mul", {y, share})});
    y = e.node("ReduceSum", {y, e.ints({0})}, {{"keepdims", int64_t(0)}});
    e.set(op.getResult(), e.castTo(y, f32, llm::elementOf(op.getResult())));
  }

private:
  Name number(double v) { return e.scalar(f32, v); }
  Name wide(Value v) { return e.castTo(v, f32); }

  /// x . weight + bias of all experts beside each other.
  Name product(Value weight, Value bias) {
    Name y = e.node("MatMul", {wide(op.getX()), wide(weight)});
    return bias ? e.node("Add", {y, e.reshape(wide(bias), e.ints({-1}))}) : y;
  }

  Name hidden() {
    double limit = op.getLimit().convertToDouble(),
           alpha = op.getAlpha().convertToDouble(),
           beta = op.getBeta().convertToDouble();
    Name g = product(op.getGate(), op.getGateBias());
    if (limit > 0)
      g = e.node("Min", {g, number(limit)});
    if (alpha != 1)
      g = e.node("Mul",
                 {g, e.node("Sigmoid", {e.node("Mul", {g, number(alpha)})})});
    else
      g = activated(e, op.getActivation(), g, f32);
    if (!op.getUp())
      return g;
    Name u = product(op.getUp(), op.getUpBias());
    if (limit > 0)
      u = e.node("Clip", {u, number(-limit), number(limit)});
    if (beta != 0)
      u = e.node("Add", {u, number(beta)});
    return e.node("Mul", {g, u});
  }

  llm::ExpertsOp op;
  GraphExporter &e;
  Type f32;
};
} // namespace

void addExpertsExports(ExportTable &table) {
  table["llm.experts"] = [](Operation *op, GraphExporter &e) {
    ExpertsExporter(cast<llm::ExpertsOp>(op), e).run();
  };
}

} // namespace llmc::onnx
