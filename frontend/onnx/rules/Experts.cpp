// SPDX-License-Identifier: Apache-2.0
// Mixtures of experts: onnxruntime's MoE.
#include "frontend/onnx/rules/Sizes.h"
#include "frontend/onnx/rules/Terms.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace llmc::onnx {

namespace {
struct MixtureOfExperts {
  Binder &b;
  llm::Dim tokens, width, experts;
  Value x, routing;
  explicit MixtureOfExperts(Binder &b) : b(b) {}

  Value reduced(Value v, llm::ReduceKind kind, bool keep) {
    return reduce(b, kind, v, llm::rankOf(v) - 1, keep);
  }

  /// The input as [tokens, width], and each token's weight of each expert: the
  /// softmax of its logits, kept for the k largest (of equal ones the first).
  void readRouting() {
    llm::Dims dims = b.dims(0);
    if (dims.size() != 2 && dims.size() != 3)
      b.fail("needs an input of rank 2 or 3");
    if (b.rank(2) != 3)
      b.fail("needs weights of rank 3");
    width = b.dims(2)[2];
    requireEqual(b, dims.back(), width, "columns of the input and the weights");
    tokens = llm::productOf(b.ctx, ArrayRef(dims).drop_back());
    x = b.reshape(b.in(0), {tokens, width});
    if (b.rank(1) != 2)
      b.fail("needs router_probs of rank 2");
    requireEqual(b, b.dims(1)[0], tokens, "rows of the input and the routing");
    experts = b.dims(1)[1];
    int64_t count = fixedSize(b, experts, "a number of experts"),
            k = b.intAttr("k", 1);
    if (k < 1 || k > count)
      b.fail("chooses " + Twine(k) + " of " + Twine(count) + " experts");
    if (b.intAttr("use_sparse_mixer", 0))
      b.unsupported("use_sparse_mixer is not supported");
    Type f32 = b.builder.getF32Type(), i64 = b.builder.getI64Type();
    Value logits = b.reshape(b.cast(b.in(1), f32), {tokens, experts});
    llm::Dim one = b.constantDim(1);
    Value mine = b.reshape(logits, {tokens, experts, one}),
          others = b.reshape(logits, {tokens, one, experts}),
          number = countTo(b, experts, i64);
    Value earlier =
        b.make<llm::LessOp>({b.reshape(number, {one, one, experts}),
                             b.reshape(number, {one, experts, one})});
    Value equal = b.make<llm::EqualOp>({others, mine});
    Value ahead = b.make<llm::OrOp>({b.make<llm::GreaterOp>({others, mine}),
                                     b.make<llm::AndOp>({equal, earlier})});
    Value rank = reduced(b.cast(ahead, i64), llm::ReduceKind::Sum, false);
    Value chosen =
        b.make<llm::LessOp>({rank, b.scalarSize(b.constantDim(k), i64)});
    Value weights = b.make<llm::SoftmaxOp>(logits, b.named("axis", 1));
    routing = b.make<llm::WhereOp>({chosen, weights, b.scalarFloat(f32, 0.0)});
    if (b.intAttr("normalize_routing_weights", 0))
      routing = b.make<llm::DivOp>(
          {routing, reduced(routing, llm::ReduceKind::Sum, true)});
  }

  /// Weights [experts, out, in] as [experts, in, out].
  Value weights(size_t i, llm::Dim in) {
    if (b.rank(i) != 3)
      b.fail("needs weights of rank 3");
    requireEqual(b, b.dims(i)[0], experts, "experts of routing and weights");
    requireEqual(b, b.dims(i)[2], in, "columns of the weights and inputs");
    return b.transpose(b.in(i), {0, 2, 1});
  }
  Value biasOf(size_t i, llm::Dim out) {
    if (!b.has(i))
      return {};
    if (b.rank(i) != 2)
      b.fail("needs biases of rank 2");
    requireEqual(b, b.dims(i)[0], experts, "experts of routing and biases");
    requireEqual(b, b.dims(i)[1], out, "elements of biases and weights");
    return b.in(i);
  }

  /// Half `half` of the last axis: interleaved, or one behind the other.
  Value halfOf(Value v, int64_t half, bool interleaved) {
    if (!v)
      return v;
    llm::Dims dims = llm::dimsOf(v), starts(dims.size(), b.constantDim(0));
    int64_t all = fixedSize(b, dims.back(), "an expert");
    if (all % 2)
      b.fail("splits " + Twine(all) + " elements into two halves");
    dims.back() = b.constantDim(all / 2);
    starts.back() = b.constantDim(interleaved ? half : half * (all / 2));
    SmallVector<int64_t> steps(dims.size(), 1);
    steps.back() = interleaved ? 2 : 1;
    return b.makeAs<llm::SliceOp>(
        b.tensor(dims, llm::elementOf(v)), v,
        {b.named("starts", llm::dimsAttr(b.ctx, starts)),
         b.named("steps", b.builder.getDenseI64ArrayAttr(steps))});
  }

  llm::Activation activation() {
    StringRef name = b.stringAttr("activation_type", "relu");
    auto known = llvm::StringSwitch<std::optional<llm::Activation>>(name)
                     .Case("relu", llm::Activation::Relu)
                     .Case("gelu", llm::Activation::GeluTanh)
                     .Cases({"silu", "swiglu"}, llm::Activation::Silu)
                     .Case("identity", llm::Activation::None)
                     .Default(std::nullopt);
    if (!known)
      b.fail("has an unknown activation_type '" + name + "'");
    return *known;
  }

  void import() {
    readRouting();
    llm::Activation act = activation();
    bool swiglu = b.stringAttr("activation_type", "relu") == "swiglu";
    int64_t fusion = b.intAttr("swiglu_fusion", 0);
    if (fusion < 0 || fusion > 2)
      b.fail("has swiglu_fusion " + Twine(fusion));
    if (b.intAttr("swiglu_limit_after_activation", 0))
      b.unsupported("swiglu_limit_after_activation is not supported");
    Value gate = weights(2, width), gateBias = biasOf(3, llm::dimsOf(gate)[2]),
          up, upBias;
    if (b.has(6)) {
      up = weights(6, width);
      upBias = biasOf(7, llm::dimsOf(up)[2]);
    } else if (swiglu) {
      if (!fusion)
        b.fail("needs fc3_experts_weights for swiglu_fusion 0");
      bool mixed = fusion == 1;
      up = halfOf(gate, 1, mixed), upBias = halfOf(gateBias, 1, mixed);
      gate = halfOf(gate, 0, mixed), gateBias = halfOf(gateBias, 0, mixed);
    }
    Value down = weights(4, llm::dimsOf(gate)[2]),
          downBias = biasOf(5, llm::dimsOf(down)[2]);
    llm::Dims out = llm::dimsOf(b.in(0));
    out.back() = llm::dimsOf(down)[2];
    auto number = [&](StringRef name, double otherwise) {
      return APFloat(swiglu ? b.floatAttr(name, otherwise) : otherwise);
    };
    auto op = llm::ExpertsOp::create(
        b.builder, b.loc, b.tensor({tokens, out.back()}, b.element(0)), x,
        routing, gate, gateBias, up, upBias, down, downBias, act,
        number("activation_alpha", 1.0), number("activation_beta", 0.0),
        number("swiglu_limit", 0.0));
    b.check(op);
    b.set(0, b.reshape(op.getResult(), out));
  }
};
} // namespace

static void importMoE(Binder &b) { MixtureOfExperts(b).import(); }

void addExpertsRules(RuleTable &rules) {
  rules.add(kMicrosoft, {"MoE"}, importMoE);
}

} // namespace llmc::onnx
