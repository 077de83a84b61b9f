// SPDX-License-Identifier: Apache-2.0
// Elementwise ops but activations. One-to-one rows come first; what ONNX writes
// in one op and we in several follows.
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

template <typename OpTy> static void unary(Binder &b) {
  b.set(0, b.make<OpTy>(b.in(0)));
}

/// Before opset 7 an attribute said at which axis of the first operand the
/// second one's begin; without it they are the last ones, as in NumPy.
static Value secondOperand(Binder &b) {
  int64_t rank = b.rank(0), own = b.rank(1);
  if (b.version() >= 7 || !b.attr("axis") || rank == own)
    return b.in(1);
  int64_t axis = b.axisAttr("axis", 0, std::max<int64_t>(1, rank));
  if (axis + own > rank)
    b.fail("axis " + Twine(axis) + " leaves no room for rank " + Twine(own) +
           " in rank " + Twine(rank));
  llm::Dims dims = b.dims(1);
  dims.append(rank - axis - own, b.constantDim(1));
  return b.reshape(b.in(1), dims);
}

template <typename OpTy> static void binary(Binder &b) {
  Value second = secondOperand(b);
  b.set(0, b.make<OpTy>({b.in(0), second}));
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

/// In the base's type; an integer to a real power is computed as a real, whose
/// whole numbers count as such although the power was rounded on its way.
static void importPow(Binder &b) {
  Type element = b.element(0);
  if (isa<FloatType>(b.element(1)) && !isa<FloatType>(element)) {
    Type real = b.builder.getF64Type();
    Value power = b.make<llm::PowOp>(
        {b.cast(b.in(0), real), b.cast(secondOperand(b), real)});
    Value near = b.make<llm::RoundOp>(power);
    Value distance = b.make<llm::AbsOp>(sub(b, power, near)),
          bound = scaled(b, b.make<llm::AbsOp>(power), 0x1p-44);
    power = where(b, less(b, bound, distance), power, near);
    return b.set(0, b.cast(power, element));
  }
  b.set(0, b.make<llm::PowOp>({b.in(0), b.cast(secondOperand(b), element)}));
}

static void importBitShift(Binder &b) {
  StringRef direction = b.stringAttr("direction", "");
  if (direction == "LEFT")
    return b.set(0, b.make<llm::ShiftLeftOp>({b.in(0), b.in(1)}));
  if (direction != "RIGHT")
    b.fail("direction is neither LEFT nor RIGHT");
  b.set(0, b.make<llm::ShiftRightOp>({b.in(0), b.in(1)}));
}

static void importMod(Binder &b) {
  SmallVector<NamedAttribute> attrs;
  if (b.intAttr("fmod", 0))
    attrs.push_back(b.named("fmod", b.builder.getUnitAttr()));
  b.set(0, b.make<llm::ModOp>({b.in(0), b.in(1)}, attrs));
}

/// `saturate` and `round_mode` are for floats of 8 bits alone.
static void castTo(Binder &b, Type element) {
  if (b.element(0) == element)
    return b.set(0, b.entry(0));
  SmallVector<NamedAttribute> attrs;
  if (!b.intAttr("saturate", 1))
    attrs.push_back(b.named("overflows", b.builder.getUnitAttr()));
  StringRef mode = b.stringAttr("round_mode", "up");
  auto rounding = llm::symbolizeScaleRounding(mode);
  if (!rounding)
    b.fail("round_mode is none of up, down and nearest");
  attrs.push_back(
      b.named("rounding", llm::ScaleRoundingAttr::get(b.ctx, *rounding)));
  Value x = b.in(0);
  b.set(0, b.makeAs<llm::CastOp>(llm::withElement(x.getType(), element), x,
                                 attrs));
}

static void importCast(Binder &b) {
  int64_t to = b.requiredInt("to");
  Type element = mlirType(b.ctx, static_cast<int32_t>(to));
  if (!element)
    b.unsupported("conversion to " + elementTypeName(static_cast<int32_t>(to)) +
                  " is not supported");
  castTo(b, element);
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
  rules.add({"Tan"}, unary<llm::TanOp>);
  rules.add({"Asin"}, unary<llm::AsinOp>);
  rules.add({"Acos"}, unary<llm::AcosOp>);
  rules.add({"Atan"}, unary<llm::AtanOp>);
  rules.add({"Sinh"}, unary<llm::SinhOp>);
  rules.add({"Cosh"}, unary<llm::CoshOp>);
  rules.add({"Asinh"}, unary<llm::AsinhOp>);
  rules.add({"Acosh"}, unary<llm::AcoshOp>);
  rules.add({"Atanh"}, unary<llm::AtanhOp>);
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
  rules.add({"CastLike"}, [](Binder &b) { castTo(b, b.element(1)); });
  rules.add({"IsInf"}, importIsInf);
  rules.add({"Clip"}, importClip);
  rules.add({"BitShift"}, importBitShift);
  rules.add({"BitwiseNot"}, unary<llm::NotOp>);
}

} // namespace llmc::onnx
