// SPDX-License-Identifier: Apache-2.0
// Mixtures of experts: onnxruntime's MoE.
#include "frontend/onnx/rules/Experts.h"
#include "frontend/onnx/rules/Sizes.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace llmc::onnx {

static Value reduced(Binder &b, Value v, llm::ReduceKind kind, bool keep) {
  return reduce(b, kind, v, llm::rankOf(v) - 1, keep);
}

MixtureOfExperts::MixtureOfExperts(Binder &b, size_t weights, size_t axis)
    : b(b) {
  llm::Dims dims = b.dims(0);
  if (dims.size() != 2 && dims.size() != 3)
    b.fail("needs an input of rank 2 or 3");
  if (b.rank(weights) != 3)
    b.fail("needs weights of rank 3");
  width = b.dims(weights)[axis];
  requireEqual(b, dims.back(), width, "columns of the input and the weights");
  tokens = llm::productOf(b.ctx, ArrayRef(dims).drop_back());
  x = b.reshape(b.in(0), {tokens, width});
  if (b.rank(1) != 2)
    b.fail("needs router_probs of rank 2");
  experts = b.dims(1)[1];
  count = fixedSize(b, experts, "a number of experts");
  k = b.intAttr("k", 1);
  if (k < 1 || k > count)
    b.fail("chooses " + Twine(k) + " of " + Twine(count) + " experts");
}

Value MixtureOfExperts::perExpert(size_t i) {
  if (b.rank(i) != 2)
    b.fail("needs a routing of rank 2 as input " + Twine(i));
  requireEqual(b, b.dims(i)[0], tokens, "rows of the input and the routing");
  requireEqual(b, b.dims(i)[1], experts, "experts of routings");
  return b.reshape(b.cast(b.in(i), b.builder.getF32Type()), {tokens, experts});
}

Value MixtureOfExperts::chosen(Value logits, int64_t most, bool lastOfEqual) {
  Type i64 = b.builder.getI64Type();
  llm::Dim one = b.constantDim(1);
  Value mine = b.reshape(logits, {tokens, experts, one}),
        others = b.reshape(logits, {tokens, one, experts}),
        number = countTo(b, experts, i64),
        myNumber = b.reshape(number, {one, experts, one}),
        otherNumber = b.reshape(number, {one, one, experts});
  Value before = lastOfEqual ? less(b, myNumber, otherNumber)
                             : less(b, otherNumber, myNumber);
  Value ahead =
      b.make<llm::OrOp>({b.make<llm::GreaterOp>({others, mine}),
                         b.make<llm::AndOp>({equal(b, others, mine), before})});
  Value rank = reduced(b, b.cast(ahead, i64), llm::ReduceKind::Sum, false);
  return less(b, rank, b.scalarSize(b.constantDim(most), i64));
}

/// SparseMixer (Liu et al., 2023): each of two experts has its weight among
/// those whose logits are near its own, 2 % of the larger magnitude; the second
/// is chosen without the first.
bool MixtureOfExperts::readSparseMixer(Value logits) {
  if (!b.intAttr("use_sparse_mixer", 0))
    return false;
  if (k != 2)
    b.fail("needs k 2 for use_sparse_mixer, not " + Twine(k));
  Value least =
            constantLike(b, logits, -std::numeric_limits<double>::infinity()),
        none = constantLike(b, logits, 0), near = constantLike(b, logits, 0.02),
        size = b.make<llm::AbsOp>(logits), left = logits;
  for (int i = 0; i < 2; ++i) {
    Value top = reduced(b, left, llm::ReduceKind::Max, true);
    Value distance =
        div(b, sub(b, top, logits), b.make<llm::MaxOp>({size, top}));
    Value weights = b.make<llm::SoftmaxOp>(
        where(b, less(b, near, distance), least, left), b.named("axis", 1));
    Value winner = chosen(left, 1, false);
    Value weight = where(b, winner, weights, none);
    routing = routing ? add(b, routing, weight) : weight;
    left = where(b, winner, least, left);
  }
  return true;
}

void MixtureOfExperts::normalize() {
  routing = div(b, routing, reduced(b, routing, llm::ReduceKind::Sum, true));
}

void MixtureOfExperts::readActivation(bool separate) {
  StringRef name = b.stringAttr("activation_type", "relu");
  auto known = llvm::StringSwitch<std::optional<llm::Activation>>(name)
                   .Case("relu", llm::Activation::Relu)
                   .Cases({"gelu", "geglu"}, llm::Activation::GeluTanh)
                   .Cases({"silu", "swiglu"}, llm::Activation::Silu)
                   .Case("identity", llm::Activation::None)
                   .Default(std::nullopt);
  if (name == "relu2")
    b.unsupported("activation_type 'relu2' is not supported");
  if (!known)
    b.fail("has an unknown activation_type '" + name + "'");
  activation = *known;
  int64_t number = b.intAttr("swiglu_fusion", 0);
  if (number < 0 || number > 2)
    b.fail("has swiglu_fusion " + Twine(number));
  if (b.intAttr("swiglu_limit_after_activation", 0))
    b.unsupported("swiglu_limit_after_activation is not supported");
  bool swiglu = name == "swiglu", geglu = name == "geglu";
  if ((swiglu || geglu) && !separate) {
    if (!number)
      b.fail("needs fc3_experts_weights for swiglu_fusion 0");
    fusion = static_cast<Fusion>(number);
  } else if (geglu) {
    b.fail("has fc3_experts_weights, which geglu lacks");
  }
  if (!swiglu)
    return;
  alpha = b.floatAttr("activation_alpha", 1.0);
  beta = b.floatAttr("activation_beta", 0.0);
  limit = b.floatAttr("swiglu_limit", 0.0);
}

Value MixtureOfExperts::biasOf(size_t i, llm::Dim out) {
  if (!b.has(i))
    return {};
  if (b.rank(i) != 2)
    b.fail("needs biases of rank 2");
  requireEqual(b, b.dims(i)[0], experts, "experts of routing and biases");
  requireEqual(b, b.dims(i)[1], out, "elements of biases and weights");
  return b.in(i);
}

Value MixtureOfExperts::halfOf(Value v, int64_t half) {
  if (!v || fusion == Fusion::None)
    return v;
  llm::Dims dims = llm::dimsOf(v), pairs = dims;
  int64_t all = fixedSize(b, dims[1], "an expert");
  if (all % 2)
    b.fail("splits " + Twine(all) + " elements into two halves");
  dims[1] = b.constantDim(all / 2);
  bool interleaved = fusion == Fusion::Interleaved;
  int64_t axis = interleaved ? 2 : 1;
  pairs[1] = b.constantDim(interleaved ? all / 2 : 2);
  pairs.insert(pairs.begin() + 2, b.constantDim(interleaved ? 2 : all / 2));
  Value part =
      b.slice(b.reshape(v, pairs), axis, b.constantDim(half), b.constantDim(1));
  return b.reshape(part, dims);
}

void MixtureOfExperts::finish(Layer gate, Layer up, Layer down) {
  llm::Dims out = llm::dimsOf(b.in(0));
  int64_t columns = fixedSize(b, llm::dimsOf(down.weight)[1], "an expert");
  out.back() = b.constantDim(columns / count);
  Type element = llm::elementOf(x);
  auto op = llm::ExpertsOp::create(
      b.builder, b.loc, b.tensor({tokens, out.back()}, element), x, routing,
      gate.weight, gate.bias, up.weight, up.bias, down.weight, down.bias, k,
      activation, APFloat(alpha), APFloat(beta), APFloat(limit));
  b.check(op);
  b.set(0, b.reshape(b.cast(op.getResult(), b.element(0)), out));
}

namespace {
/// Weights as floats.
struct FloatExperts : MixtureOfExperts {
  explicit FloatExperts(Binder &b) : MixtureOfExperts(b, 2, 2) {}

  /// Input i, [experts, out, in].
  Value stored(size_t i, llm::Dim in) {
    if (b.rank(i) != 3)
      b.fail("needs weights of rank 3");
    requireEqual(b, b.dims(i)[0], experts, "experts of routing and weights");
    requireEqual(b, b.dims(i)[2], in, "columns of the weights and inputs");
    return b.in(i);
  }
  /// [experts, out, in] as [in, experts * out].
  Value matrix(Value v) {
    if (!v)
      return v;
    llm::Dims dims = llm::dimsOf(v);
    Value flat =
        b.reshape(v, {llm::productOf(b.ctx, {dims[0], dims[1]}), dims[2]});
    return b.transpose(flat, {1, 0});
  }

  void readRouting() {
    Value logits = perExpert(1);
    if (readSparseMixer(logits))
      return;
    routing = where(b, chosen(logits, k, false),
                    b.make<llm::SoftmaxOp>(logits, b.named("axis", 1)),
                    constantLike(b, logits, 0));
    if (b.intAttr("normalize_routing_weights", 0))
      normalize();
  }

  void import() {
    readRouting();
    bool separate = b.has(6);
    readActivation(separate);
    Value first = stored(2, width), bias = biasOf(3, llm::dimsOf(first)[1]);
    Value gate = halfOf(first, 0), up, upBias;
    if (separate)
      up = stored(6, width), upBias = biasOf(7, llm::dimsOf(up)[1]);
    else if (fusion != Fusion::None)
      up = halfOf(first, 1), upBias = halfOf(bias, 1);
    Value down = stored(4, llm::dimsOf(gate)[1]);
    finish({matrix(gate), halfOf(bias, 0)}, {matrix(up), upBias},
           {matrix(down), biasOf(5, llm::dimsOf(down)[1])});
  }
};
} // namespace

static void importMoE(Binder &b) { FloatExperts(b).import(); }

void addExpertsRules(RuleTable &rules) {
  rules.add(kMicrosoft, {"MoE"}, importMoE);
  addQuantExpertsRules(rules);
}

} // namespace llmc::onnx
