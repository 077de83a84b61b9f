// SPDX-License-Identifier: Apache-2.0
// Linear attention as a Scan over the tokens, which carries the state.
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

namespace {
class LinearAttentionExporter {
public:
  LinearAttentionExporter(llm::LinearAttentionOp op, GraphExporter &e)
      : op(op), e(e), f32(Float32Type::get(e.context())),
        q(llm::dimsOf(op.getQ())), k(llm::dimsOf(op.getK())),
        v(llm::dimsOf(op.getV())) {}

  void run() {
    auto body = e.body([&] { writeToken(); });
    llm::Dims state = {k[0], k[2], k[3], v[3]};
    Name initial = op.getState()
                       ? wide(op.getState())
                       : e.node("Expand", {e.scalar(f32, 0), e.shape(state)});
    GraphExporter::Names inputs = {initial};
    for (Value x : sequences())
      inputs.push_back(wide(x));
    std::vector<int64_t> axes(inputs.size() - 1, 1);
    auto count = static_cast<int64_t>(axes.size());
    auto results = e.nodes("Scan", inputs,
                           {{"body", body},
                            {"num_scan_inputs", count},
                            {"scan_input_axes", std::move(axes)},
                            {"scan_output_axes", std::vector<int64_t>{1}}},
                           2);
    e.set(op.getPresent(),
          e.castTo(results[0], f32, llm::elementOf(op.getPresent())));
    e.set(op.getResult(),
          e.castTo(results[1], f32, llm::elementOf(op.getResult())));
  }

private:
  Name wide(Value x) { return e.castTo(x, f32); }
  SmallVector<Value> sequences() {
    SmallVector<Value> all = {op.getQ(), op.getK(), op.getV()};
    for (Value x : {op.getDecay(), op.getBeta()})
      if (x)
        all.push_back(x);
    return all;
  }
  Name token(Value x) {
    llm::Dims dims = llm::dimsOf(x);
    dims.erase(dims.begin() + 1);
    return e.input(e.describe(llm::tensorType(e.context(), dims, f32)));
  }

  /// From the state [batch, kv heads, size, v size] and one token to the next
  /// state and the token's result.
  void writeToken() {
    llm::Dims stateDims = {k[0], k[2], k[3], v[3]};
    Type stateType = llm::tensorType(e.context(), stateDims, f32);
    Name state = e.input(e.describe(stateType));
    Name query = token(op.getQ()), key = token(op.getK()),
         value = e.unsqueeze(token(op.getV()), {2}); // [b, kv, 1, v size]
    if (op.getDecay()) {
      Name decay = e.unsqueeze(token(op.getDecay()), {3});
      state = e.node("Mul", {state, e.node("Exp", {decay})});
    }
    if (op.getBeta()) {
      Name beta = e.unsqueeze(token(op.getBeta()), {3});
      Name held = e.node("MatMul", {e.unsqueeze(key, {2}), state});
      value = e.node("Mul", {beta, e.node("Sub", {value, held})});
    }
    Name outer = e.node("MatMul", {e.unsqueeze(key, {3}), value});
    state = e.node("Add", {state, outer});
    llm::Dim group = llm::simplified(q[2].floorDiv(k[2]));
    Name groups = e.reshape(query, e.shape({q[0], k[2], group, q[3]}));
    Name y = e.node("MatMul", {groups, state});
    y = e.node("Mul", {y, e.scalar(f32, op.getScale().convertToDouble())});
    llm::Dims out = {q[0], q[2], v[3]};
    e.output(state, e.describe(stateType));
    e.output(e.reshape(y, e.shape(out)),
             e.describe(llm::tensorType(e.context(), out, f32)));
  }

  llm::LinearAttentionOp op;
  GraphExporter &e;
  Type f32;
  llm::Dims q, k, v;
};
} // namespace

void addLinearAttentionExports(ExportTable &table) {
  table["llm.linear_attention"] = [](Operation *op, GraphExporter &e) {
    LinearAttentionExporter(cast<llm::LinearAttentionOp>(op), e).run();
  };
}

} // namespace llmc::onnx
