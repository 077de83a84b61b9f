// SPDX-License-Identifier: Apache-2.0
// LinearAttention and CausalConvWithState (27), also as onnxruntime's ops: what
// hybrid models have in place of attention, and the gates around it.
#include "frontend/onnx/rules/attention/Parts.h"

#include <cmath>

using namespace mlir;

namespace llmc::onnx {

static void refuseUnless(Binder &b, StringRef name, int64_t value) {
  if (int64_t given = b.intAttr(name, value); given != value)
    b.unsupported(name + " " + Twine(given) + " is not supported");
}

static void importLinearAttention(Binder &b) {
  refuseUnless(b, "state_window", 0);
  StringRef rule = b.stringAttr("update_rule", "gated_delta");
  bool gated = rule == "gated" || rule == "gated_delta",
       delta = rule == "delta" || rule == "gated_delta";
  if (!gated && !delta && rule != "linear")
    b.fail("has an unknown update_rule '" + rule + "'");
  if (gated != b.has(4) || delta != b.has(5))
    b.fail("has decay or beta that update_rule '" + rule + "' does not take");
  int64_t heads = b.requiredInt("q_num_heads"),
          kvHeads = b.requiredInt("kv_num_heads");
  requireGroups(b, heads, kvHeads);
  Value q = splitHeads(b, b.in(0), heads), k = splitHeads(b, b.in(1), kvHeads),
        v = splitHeads(b, b.in(2), kvHeads);
  llm::Dims qd = llm::dimsOf(q), kd = llm::dimsOf(k), vd = llm::dimsOf(v);
  requireEqual(b, qd[3], kd[3], "head sizes of query and key");
  for (size_t i : {1, 2, 4, 5})
    if (b.has(i)) {
      if (b.rank(i) != 3)
        b.fail("needs inputs of rank 3");
      requireEqual(b, b.dims(i)[0], qd[0], "rows of the inputs");
      requireEqual(b, b.dims(i)[1], qd[1], "tokens of the inputs");
    }
  Type f32 = b.builder.getF32Type();
  Value decay, beta, state;
  if (gated)
    decay = splitHeads(b, b.in(4), kvHeads);
  if (delta)
    beta =
        splitHeads(b, b.in(5), llm::fixedDim(b.dims(5)[2]) == 1 ? 1 : kvHeads);
  llm::Dims stateDims = {qd[0], kd[2], kd[3], vd[3]};
  Type kept = b.has(3) ? b.element(3) : b.element(0);
  if (b.has(3)) {
    if (b.rank(3) != 4)
      b.fail("needs a past_state of rank 4");
    for (auto [given, wanted] : llvm::zip(b.dims(3), stateDims))
      requireEqual(b, given, wanted, "sizes of past_state");
    state = b.cast(b.reshape(b.in(3), stateDims), f32);
  }
  double scale = b.floatAttr("scale", 0.0);
  if (scale == 0.0)
    scale = 1.0 / std::sqrt(double(fixedSize(b, qd[3], "a head")));
  llm::Dims out = {qd[0], qd[1], qd[2], vd[3]};
  auto op = llm::LinearAttentionOp::create(
      b.builder, b.loc, b.tensor(out, b.element(0)), b.tensor(stateDims, f32),
      q, k, v, state, decay, beta, APFloat(scale));
  b.check(op);
  b.set(0, mergeHeads(b, op.getResult()));
  b.set(1, b.cast(op.getPresent(), kept));
}

/// One multiplication per element of the kernel, over the past and the new
/// positions: out[t] = sum over i of weight[i] * all[t + i].
static void importCausalConv(Binder &b) {
  for (StringRef name : {"ndim", "dilation"})
    refuseUnless(b, name, 1);
  for (StringRef name :
       {"channels_last", "input_channel_offset", "input_channels",
        "state_channels_last", "state_length", "state_window",
        "state_update_capacity"})
    refuseUnless(b, name, 0);
  if (b.isUsed(2))
    b.unsupported("the output of state updates is not supported");
  StringRef activation = b.stringAttr("activation", "none");
  if (activation != "none" && activation != "silu" && activation != "swish")
    b.fail("has an unknown activation '" + activation + "'");
  if (b.rank(0) != 3 || b.rank(1) != 3)
    b.fail("needs an input and a weight of rank 3");
  llm::Dims x = b.dims(0), w = b.dims(1);
  llm::Dim one = b.constantDim(1);
  requireEqual(b, w[0], x[1], "channels of the weight and the input");
  requireEqual(b, w[1], one, "channels of a filter");
  int64_t taps = fixedSize(b, w[2], "a filter");
  if (taps < 1)
    b.fail("has a filter of " + Twine(taps) + " elements");
  Type element = b.element(0), wide = element;
  if (element.getIntOrFloatBitWidth() < 32)
    wide = b.builder.getF32Type();
  llm::Dims kept = {x[0], x[1], b.constantDim(taps - 1)};
  Value past;
  if (b.has(3)) {
    if (b.rank(3) != 3)
      b.fail("needs a past_state of rank 3");
    for (auto [given, wanted] : llvm::zip(b.dims(3), kept))
      requireEqual(b, given, wanted, "sizes of past_state");
    past = b.reshape(b.in(3), kept);
  } else {
    past =
        b.expand(b.reshape(b.scalarFloat(element, 0.0), {one, one, one}), kept);
  }
  Value all = taps == 1 ? b.in(0) : b.concat({past, b.in(0)}, 2), sum;
  for (int64_t i = 0; i < taps; ++i) {
    Value at = b.cast(b.slice(all, 2, b.constantDim(i), x[2]), wide);
    Value tap = b.slice(b.in(1), 2, b.constantDim(i), one);
    tap = b.reshape(b.cast(tap, wide), {one, x[1], one});
    Value part = b.make<llm::MulOp>({at, tap});
    sum = sum ? b.make<llm::AddOp>({sum, part}) : part;
  }
  if (b.has(2)) {
    requireEqual(b, b.dims(2)[0], x[1], "channels of the bias and the input");
    sum = b.make<llm::AddOp>(
        {sum, b.reshape(b.cast(b.in(2), wide), {one, x[1], one})});
  }
  if (activation != "none")
    sum = b.make<llm::SiluOp>(sum);
  b.set(0, b.cast(sum, element));
  b.set(1, b.slice(all, 2, x[2], kept[2]));
}

/// decay_scale * softplus(a + dt_bias), and sigmoid(b), in f32.
static void importLinearAttentionGate(Binder &b) {
  Type f32 = b.builder.getF32Type();
  Value x = add(b, b.cast(b.in(0), f32), b.cast(b.in(1), f32));
  Value decay = mul(b, b.cast(b.in(2), f32), b.make<llm::SoftplusOp>(x));
  if (llm::dimsOf(decay) != b.dims(0))
    b.fail("has a dt_bias or decay_scale that does not broadcast to its input");
  b.set(0, b.cast(decay, b.element(0)));
  if (!b.isUsed(1))
    return;
  if (!b.has(3))
    b.fail("needs its input b for beta");
  Value beta = b.make<llm::SigmoidOp>(b.cast(b.in(3), f32));
  b.set(1, b.cast(beta, b.element(3)));
}

/// X + Y * gate, or X + Y * sigmoid(gate . gate_weight).
static void importGatedAdd(Binder &b) {
  Value gate = b.in(2);
  llm::Dims x = b.dims(0), rows = x;
  if (x.empty() || b.dims(1) != x || b.rank(2) != b.rank(0))
    b.fail("has tensors of different sizes");
  for (size_t i = 0; i + 1 < x.size(); ++i)
    requireEqual(b, b.dims(2)[i], x[i], "rows of the gate and input");
  if (b.has(3))
    gate = b.make<llm::SigmoidOp>(b.make<llm::MatmulOp>({gate, b.in(3)}));
  rows.back() = b.constantDim(1);
  requireEqual(b, llm::dimsOf(gate).back(), rows.back(), "columns of the gate");
  Value scaled = mul(b, b.in(1), b.reshape(gate, rows));
  b.set(0, add(b, b.in(0), scaled));
}

void addLinearAttentionRules(RuleTable &rules) {
  rules.add({"LinearAttention"}, importLinearAttention);
  rules.add(kMicrosoft, {"LinearAttention"}, importLinearAttention);
  rules.add({"CausalConvWithState"}, importCausalConv);
  rules.add(kMicrosoft, {"CausalConvWithState"}, importCausalConv);
  rules.add(kMicrosoft, {"LinearAttentionGate"}, importLinearAttentionGate);
  rules.add(kMicrosoft, {"GatedAdd"}, importGatedAdd);
}

} // namespace llmc::onnx
