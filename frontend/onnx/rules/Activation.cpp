// SPDX-License-Identifier: Apache-2.0
// Activation functions.
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

static void importGelu(Binder &b) {
  StringRef form = b.stringAttr("approximate", "none");
  if (form == "tanh")
    return b.set(0, b.make<llm::GeluTanhOp>(b.in(0)));
  if (form != "none")
    b.fail("approximate is neither none nor tanh");
  b.set(0, b.make<llm::GeluErfOp>(b.in(0)));
}

static void importBiasGelu(Binder &b) {
  b.set(0, b.make<llm::GeluErfOp>(add(b, b.in(0), b.in(1))));
}

static void importFastGelu(Binder &b) {
  Value x = b.in(0);
  if (Value bias = b.maybe(1))
    x = add(b, x, bias);
  b.set(0, b.make<llm::GeluTanhOp>(x));
}

/// x * sigmoid(alpha * x).
static Value swish(Binder &b, Value x, double alpha) {
  if (alpha == 1.0)
    return b.make<llm::SiluOp>(x);
  return mul(b, x, b.make<llm::SigmoidOp>(scaled(b, x, alpha)));
}
static void importSwish(Binder &b, double alpha) {
  b.set(0, swish(b, b.in(0), b.floatAttr("alpha", alpha)));
}

static void importSwiGlu(Binder &b) {
  if (b.rank(0) != b.rank(1))
    b.fail("needs inputs of one shape");
  b.set(0, mul(b, swish(b, b.in(0), b.floatAttr("alpha", 1.0)), b.in(1)));
}

/// The first half of input + bias, times GELU of the second one.
static void importBiasSplitGelu(Binder &b) {
  Value x = b.make<llm::AddOp>({b.in(0), b.in(1)});
  int64_t axis = llm::rankOf(x) - 1;
  auto width = llm::fixedDim(llm::dimsOf(x)[axis]);
  if (!width || *width % 2)
    b.unsupported("an odd or symbolic width is not supported");
  llm::Dim half = b.constantDim(*width / 2);
  Value first = b.slice(x, axis, b.constantDim(0), half),
        second = b.slice(x, axis, half, half);
  b.set(0, b.make<llm::MulOp>({first, b.make<llm::GeluErfOp>(second)}));
}

static Value isNegative(Binder &b, Value x) {
  return less(b, x, constantLike(b, x, 0.0));
}

static void importLeakyRelu(Binder &b) {
  Value x = b.in(0);
  Value slope = scaled(b, x, b.floatAttr("alpha", 0.01));
  b.set(0, where(b, isNegative(b, x), slope, x));
}

/// Before opset 7 a slope per channel is a vector along axis 1.
static void importPRelu(Binder &b) {
  Value x = b.in(0), factor = b.in(1);
  if (b.version() < 7 && b.rank(1) == 1 && b.rank(0) > 2 &&
      llm::fixedDim(b.dims(1)[0]) != 1) {
    llm::Dims dims(b.rank(0) - 1, b.constantDim(1));
    dims[0] = b.dims(1)[0];
    factor = b.reshape(factor, dims);
  }
  Value slope = mul(b, x, factor);
  b.set(0, where(b, isNegative(b, x), slope, x));
}

/// alpha * (e^x - 1) below 0.
static Value elu(Binder &b, Value x, double alpha) {
  Value e = add(b, b.make<llm::ExpOp>(x), -1.0);
  return where(b, isNegative(b, x), scaled(b, e, alpha), x);
}
static void importElu(Binder &b) {
  b.set(0, elu(b, b.in(0), b.floatAttr("alpha", 1.0)));
}
static void importSelu(Binder &b) {
  double alpha = b.floatAttr(
      "alpha", b.version() < 6 ? 1.6732 : 1.67326319217681884765625);
  double gamma = b.floatAttr(
      "gamma", b.version() < 6 ? 1.0507 : 1.05070102214813232421875);
  b.set(0, scaled(b, elu(b, b.in(0), alpha), gamma));
}

/// max(0, min(1, alpha * x + beta)).
static Value hardSigmoid(Binder &b, Value x, double alpha, double beta) {
  Value y = add(b, scaled(b, x, alpha), beta);
  y = b.make<llm::MinOp>({y, constantLike(b, x, 1.0)});
  return b.make<llm::MaxOp>({y, constantLike(b, x, 0.0)});
}
static void importHardSigmoid(Binder &b) {
  b.set(0, hardSigmoid(b, b.in(0), b.floatAttr("alpha", 0.2),
                       b.floatAttr("beta", 0.5)));
}
static void importHardSwish(Binder &b) {
  Value x = b.in(0);
  b.set(0, mul(b, x, hardSigmoid(b, x, 1.0 / 6, 0.5)));
}

static void importMish(Binder &b) {
  Value x = b.in(0);
  b.set(0, mul(b, x, b.make<llm::TanhOp>(b.make<llm::SoftplusOp>(x))));
}

static void importSoftsign(Binder &b) {
  Value x = b.in(0);
  b.set(0, div(b, x, add(b, b.make<llm::AbsOp>(x), 1.0)));
}

static void importThresholdedRelu(Binder &b) {
  Value x = b.in(0), bound = constantLike(b, x, b.floatAttr("alpha", 1.0));
  b.set(0, where(b, less(b, bound, x), x, constantLike(b, x, 0.0)));
}

/// max(0, x) + min(0, alpha * (e^(x / alpha) - 1)).
static void importCelu(Binder &b) {
  Value x = b.in(0);
  double alpha = b.floatAttr("alpha", 1.0);
  if (alpha == 0)
    b.fail("alpha is 0");
  Value e = add(b, b.make<llm::ExpOp>(scaled(b, x, 1 / alpha)), -1.0);
  b.set(0, where(b, isNegative(b, x), scaled(b, e, alpha), x));
}

/// Numbers near 0 become 0, others move towards it by the bias.
static void importShrink(Binder &b) {
  Value x = b.in(0);
  double bias = b.floatAttr("bias", 0.0), edge = b.floatAttr("lambd", 0.5);
  // In double, so that integers are compared with the edge itself.
  Value real = b.cast(x, b.builder.getF64Type());
  Value low = less(b, real, constantLike(b, real, -edge)),
        high = less(b, constantLike(b, real, edge), real);
  Value rest = where(b, high, add(b, real, -bias), constantLike(b, real, 0.0));
  b.set(0, b.cast(where(b, low, add(b, real, bias), rest), b.element(0)));
}

/// 1 above the threshold, 0 elsewhere.
static void importBinarizer(Binder &b) {
  Value x = b.in(0);
  Value bound = constantLike(b, x, b.floatAttr("threshold", 0.0));
  b.set(0, b.cast(less(b, bound, x), b.element(0)));
}

void addActivationRules(RuleTable &rules) {
  rules.add({"Gelu"}, importGelu);
  rules.add(kMicrosoft, {"Gelu"},
            [](Binder &b) { b.set(0, b.make<llm::GeluErfOp>(b.in(0))); });
  rules.add(kMicrosoft, {"BiasGelu"}, importBiasGelu);
  rules.add(kMicrosoft, {"FastGelu"}, importFastGelu);
  rules.add(kMicrosoft, {"QuickGelu"},
            [](Binder &b) { importSwish(b, 1.702); });
  rules.add({"Swish"}, [](Binder &b) { importSwish(b, 1.0); });
  rules.add({"SwiGLU"}, importSwiGlu);
  rules.add(kMicrosoft, {"BiasSplitGelu"}, importBiasSplitGelu);
  rules.add({"LeakyRelu"}, importLeakyRelu);
  rules.add({"PRelu"}, importPRelu);
  rules.add({"Elu"}, importElu);
  rules.add({"Selu"}, importSelu);
  rules.add({"HardSigmoid"}, importHardSigmoid);
  rules.add({"HardSwish"}, importHardSwish);
  rules.add({"Mish"}, importMish);
  rules.add({"Softsign"}, importSoftsign);
  rules.add({"ThresholdedRelu"}, importThresholdedRelu);
  rules.add({"Celu"}, importCelu);
  rules.add({"Shrink"}, importShrink);
  rules.add("ai.onnx.ml", {"Binarizer"}, importBinarizer);
}

} // namespace llmc::onnx
