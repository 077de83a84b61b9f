// SPDX-License-Identifier: Apache-2.0
// Elementwise ops. One-to-one rows come first; what ONNX writes in one op and
// we in several follows.
#include "frontend/onnx/Rule.h"

using namespace mlir;

namespace llmc::onnx {

template <typename OpTy> static void unary(Binder &b) {
  b.set(0, b.make<OpTy>(b.in(0)));
}

/// Before opset 7 broadcasting was an attribute; its only form in use is the
/// one that NumPy's rules give too.
static void checkOldBroadcast(Binder &b) {
  if (b.version() < 7 && b.attr("axis") && b.rank(0) != b.rank(1))
    b.unsupported(
        "broadcasting along an axis (opset below 7) is not supported");
}

template <typename OpTy> static void binary(Binder &b) {
  checkOldBroadcast(b);
  b.set(0, b.make<OpTy>({b.in(0), b.in(1)}));
}

/// Any number of operands, combined in order.
template <typename OpTy> static void variadic(Binder &b) {
  Value all = b.in(0);
  for (size_t i = 1; i < b.numInputs(); ++i)
    all = b.make<OpTy>({all, b.in(i)});
  b.set(0, all);
}

static void importMean(Binder &b) {
  Value sum = b.in(0);
  for (size_t i = 1; i < b.numInputs(); ++i)
    sum = b.make<llm::AddOp>({sum, b.in(i)});
  Value n = b.scalarFloat(b.element(0), static_cast<double>(b.numInputs()));
  b.set(0, b.make<llm::DivOp>({sum, n}));
}

static void importPow(Binder &b) {
  b.set(0, b.make<llm::PowOp>({b.in(0), b.cast(b.in(1), b.element(0))}));
}

static void importMod(Binder &b) {
  SmallVector<NamedAttribute> attrs;
  if (b.intAttr("fmod", 0))
    attrs.push_back(b.named("fmod", b.builder.getUnitAttr()));
  b.set(0, b.make<llm::ModOp>({b.in(0), b.in(1)}, attrs));
}

static void importCast(Binder &b) {
  int64_t to = b.requiredInt("to");
  Type element = mlirType(b.ctx, static_cast<int32_t>(to));
  if (!element)
    b.unsupported("conversion to " + elementTypeName(static_cast<int32_t>(to)) +
                  " is not supported");
  b.set(0, b.cast(b.in(0), element));
}

static void importCastLike(Binder &b) {
  b.set(0, b.cast(b.in(0), b.element(1)));
}

static void importIsInf(Binder &b) {
  b.set(0, b.make<llm::IsInfOp>(
               b.in(0),
               {b.named("positive",
                        b.builder.getBoolAttr(b.intAttr("detect_positive", 1))),
                b.named("negative", b.builder.getBoolAttr(
                                        b.intAttr("detect_negative", 1)))}));
}

/// Bounds are attributes below opset 11, then optional inputs; an absent bound
/// does not limit.
static void importClip(Binder &b) {
  Value x = b.in(0);
  auto bound = [&](size_t i, StringRef name) -> Value {
    if (b.version() >= 11)
      return b.maybe(i);
    auto f = b.floatAttr(name);
    return f ? b.scalarFloat(b.element(0), *f) : Value();
  };
  if (Value low = bound(1, "min"))
    x = b.make<llm::MaxOp>({x, low});
  if (Value high = bound(2, "max"))
    x = b.make<llm::MinOp>({x, high});
  b.set(0, x);
}

// Activations.

static Value constantLike(Binder &b, Value x, double v) {
  return b.scalarFloat(llm::elementOf(x), v);
}
static Value scaled(Binder &b, Value x, double factor) {
  if (factor == 1.0)
    return x;
  return b.make<llm::MulOp>({x, constantLike(b, x, factor)});
}

static void importGelu(Binder &b) {
  StringRef form = b.stringAttr("approximate", "none");
  if (form == "tanh")
    return b.set(0, b.make<llm::GeluTanhOp>(b.in(0)));
  if (form != "none")
    b.fail("approximate is neither none nor tanh");
  b.set(0, b.make<llm::GeluErfOp>(b.in(0)));
}

static void importBiasGelu(Binder &b) {
  b.set(0, b.make<llm::GeluErfOp>(b.make<llm::AddOp>({b.in(0), b.in(1)})));
}

static void importFastGelu(Binder &b) {
  Value x = b.in(0);
  if (Value bias = b.maybe(1))
    x = b.make<llm::AddOp>({x, bias});
  b.set(0, b.make<llm::GeluTanhOp>(x));
}

/// x * sigmoid(alpha * x).
static void swish(Binder &b, double alpha) {
  Value x = b.in(0);
  if (alpha == 1.0)
    return b.set(0, b.make<llm::SiluOp>(x));
  Value gate = b.make<llm::SigmoidOp>(scaled(b, x, alpha));
  b.set(0, b.make<llm::MulOp>({x, gate}));
}

static Value isNegative(Binder &b, Value x) {
  return b.make<llm::LessOp>({x, constantLike(b, x, 0.0)});
}

static void importLeakyRelu(Binder &b) {
  Value x = b.in(0);
  Value slope = scaled(b, x, b.floatAttr("alpha", 0.01));
  b.set(0, b.make<llm::WhereOp>({isNegative(b, x), slope, x}));
}

static void importPRelu(Binder &b) {
  Value x = b.in(0);
  Value slope = b.make<llm::MulOp>({x, b.in(1)});
  b.set(0, b.make<llm::WhereOp>({isNegative(b, x), slope, x}));
}

/// alpha * (e^x - 1) below 0.
static Value elu(Binder &b, Value x, double alpha) {
  Value e =
      b.make<llm::SubOp>({b.make<llm::ExpOp>(x), constantLike(b, x, 1.0)});
  return b.make<llm::WhereOp>({isNegative(b, x), scaled(b, e, alpha), x});
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
  Value y = b.make<llm::AddOp>({scaled(b, x, alpha), constantLike(b, x, beta)});
  y = b.make<llm::MinOp>({y, constantLike(b, x, 1.0)});
  return b.make<llm::MaxOp>({y, constantLike(b, x, 0.0)});
}
static void importHardSigmoid(Binder &b) {
  b.set(0, hardSigmoid(b, b.in(0), b.floatAttr("alpha", 0.2),
                       b.floatAttr("beta", 0.5)));
}
static void importHardSwish(Binder &b) {
  Value x = b.in(0);
  b.set(0, b.make<llm::MulOp>({x, hardSigmoid(b, x, 1.0 / 6, 0.5)}));
}

static void importMish(Binder &b) {
  Value x = b.in(0);
  Value t = b.make<llm::TanhOp>(b.make<llm::SoftplusOp>(x));
  b.set(0, b.make<llm::MulOp>({x, t}));
}

static void importSoftsign(Binder &b) {
  Value x = b.in(0);
  Value d =
      b.make<llm::AddOp>({b.make<llm::AbsOp>(x), constantLike(b, x, 1.0)});
  b.set(0, b.make<llm::DivOp>({x, d}));
}

static void importThresholdedRelu(Binder &b) {
  Value x = b.in(0), zero = constantLike(b, x, 0.0);
  Value above = b.make<llm::GreaterOp>(
      {x, constantLike(b, x, b.floatAttr("alpha", 1.0))});
  b.set(0, b.make<llm::WhereOp>({above, x, zero}));
}

/// tan, sinh, cosh and the like from what the dialect has.
static void importTan(Binder &b) {
  Value x = b.in(0);
  b.set(0, b.make<llm::DivOp>({b.make<llm::SinOp>(x), b.make<llm::CosOp>(x)}));
}
static void importHyperbolic(Binder &b) {
  Value x = b.in(0);
  Value up = b.make<llm::ExpOp>(x),
        down = b.make<llm::ExpOp>(b.make<llm::NegOp>(x));
  Value sum = b.op() == "Sinh" ? b.make<llm::SubOp>({up, down})
                               : b.make<llm::AddOp>({up, down});
  b.set(0, scaled(b, sum, 0.5));
}

static void addOneToOne(RuleTable &rules) {
  rules.add({"Neg"}, unary<llm::NegOp>);
  rules.add({"Abs"}, unary<llm::AbsOp>);
  rules.add({"Exp"}, unary<llm::ExpOp>);
  rules.add({"Log"}, unary<llm::LogOp>);
  rules.add({"Sqrt"}, unary<llm::SqrtOp>);
  rules.add({"Reciprocal"}, unary<llm::ReciprocalOp>);
  rules.add({"Erf"}, unary<llm::ErfOp>);
  rules.add({"Tanh"}, unary<llm::TanhOp>);
  rules.add({"Sigmoid"}, unary<llm::SigmoidOp>);
  rules.add({"Relu"}, unary<llm::ReluOp>);
  rules.add({"Sin"}, unary<llm::SinOp>);
  rules.add({"Cos"}, unary<llm::CosOp>);
  rules.add({"Floor"}, unary<llm::FloorOp>);
  rules.add({"Ceil"}, unary<llm::CeilOp>);
  rules.add({"Round"}, unary<llm::RoundOp>);
  rules.add({"Sign"}, unary<llm::SignOp>);
  rules.add({"Not"}, unary<llm::NotOp>);
  rules.add({"IsNaN"}, unary<llm::IsNaNOp>);
  rules.add({"Softplus"}, unary<llm::SoftplusOp>);
  rules.add({"Add"}, binary<llm::AddOp>);
  rules.add({"Sub"}, binary<llm::SubOp>);
  rules.add({"Mul"}, binary<llm::MulOp>);
  rules.add({"Div"}, binary<llm::DivOp>);
  rules.add({"And", "BitwiseAnd"}, binary<llm::AndOp>);
  rules.add({"Or", "BitwiseOr"}, binary<llm::OrOp>);
  rules.add({"Xor", "BitwiseXor"}, binary<llm::XorOp>);
  rules.add({"Equal"}, binary<llm::EqualOp>);
  rules.add({"Less"}, binary<llm::LessOp>);
  rules.add({"LessOrEqual"}, binary<llm::LessEqualOp>);
  rules.add({"Greater"}, binary<llm::GreaterOp>);
  rules.add({"GreaterOrEqual"}, binary<llm::GreaterEqualOp>);
  rules.add({"Where"}, [](Binder &b) {
    b.set(0, b.make<llm::WhereOp>({b.in(0), b.in(1), b.in(2)}));
  });
}

void addElementwiseRules(RuleTable &rules) {
  addOneToOne(rules);
  rules.add({"Max"}, variadic<llm::MaxOp>);
  rules.add({"Min"}, variadic<llm::MinOp>);
  rules.add({"Sum"}, variadic<llm::AddOp>);
  rules.add({"Mean"}, importMean);
  rules.add({"Pow"}, importPow);
  rules.add({"Mod"}, importMod);
  rules.add({"Cast"}, importCast);
  rules.add({"CastLike"}, importCastLike);
  rules.add({"IsInf"}, importIsInf);
  rules.add({"Clip"}, importClip);
  rules.add({"Gelu"}, importGelu);
  rules.add(kMicrosoft, {"Gelu"}, unary<llm::GeluErfOp>);
  rules.add(kMicrosoft, {"BiasGelu"}, importBiasGelu);
  rules.add(kMicrosoft, {"FastGelu"}, importFastGelu);
  rules.add(kMicrosoft, {"QuickGelu"},
            [](Binder &b) { swish(b, b.floatAttr("alpha", 1.702)); });
  rules.add({"Swish"}, [](Binder &b) { swish(b, b.floatAttr("alpha", 1.0)); });
  rules.add({"LeakyRelu"}, importLeakyRelu);
  rules.add({"PRelu"}, importPRelu);
  rules.add({"Elu"}, importElu);
  rules.add({"Selu"}, importSelu);
  rules.add({"HardSigmoid"}, importHardSigmoid);
  rules.add({"HardSwish"}, importHardSwish);
  rules.add({"Mish"}, importMish);
  rules.add({"Softsign"}, importSoftsign);
  rules.add({"ThresholdedRelu"}, importThresholdedRelu);
  rules.add({"Tan"}, importTan);
  rules.add({"Sinh", "Cosh"}, importHyperbolic);
}

} // namespace llmc::onnx
