// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/Scalar.h"

#include "codegen/cpu/Elements.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/MathDouble.h"
#include "codegen/cpu/Remainder.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace llmc {

namespace {

bool isFloat(Value v) { return isa<FloatType>(elementType(v.getType())); }

/// Whether the op's operand i holds unsigned integers (booleans count as such).
bool isUnsigned(Operation *op, unsigned i = 0) {
  Type t = getElementTypeOrSelf(op->getOperand(i).getType());
  return t.isUnsignedInteger() || t.isInteger(1);
}

/// Functions that exist for f32 only: smaller and larger floats go through it
/// or through f64.
Value viaF32(CodeBuilder &k, Value x,
             llvm::function_ref<Value(CodeBuilder &, Value)> f) {
  Type e = elementType(x.getType());
  return k.convert(f(k, k.convert(x, k.f32())), e);
}
Value viaF64(CodeBuilder &k, Value x,
             llvm::function_ref<Value(CodeBuilder &, Value)> f) {
  Type e = elementType(x.getType());
  return k.convert(f(k, k.convert(x, k.f64())), e);
}

Value emitDivide(CodeBuilder &k, Operation *op, Value x, Value y,
                 llvm::function_ref<void(Value)> fail) {
  if (isFloat(x))
    return k.div(x, y);
  Value zero = k.zero(y.getType()), one = k.constantInt(y.getType(), 1);
  Value isZero = k.eq(y, zero);
  if (fail)
    fail(isZero);
  if (isUnsigned(op))
    return arith::DivUIOp::create(k.builder(), k.location(), x,
                                  k.select(isZero, one, y));
  // INT_MIN / -1 wraps; the instruction would trap.
  Value minusOne = k.eq(y, k.constantInt(y.getType(), -1));
  Value safe = k.select(k.bitOr(isZero, minusOne), one, y);
  return k.select(minusOne, k.sub(zero, x), k.div(x, safe));
}

/// Of integers; of floats see emitFloatMod.
Value emitMod(CodeBuilder &k, llm::ModOp op, Value x, Value y,
              llvm::function_ref<void(Value)> fail) {
  if (isFloat(x))
    return emitFloatMod(k, x, y, op.getFmod());
  Value zero = k.zero(y.getType()), one = k.constantInt(y.getType(), 1);
  Value isZero = k.eq(y, zero);
  if (fail)
    fail(isZero);
  if (isUnsigned(op))
    return arith::RemUIOp::create(k.builder(), k.location(), x,
                                  k.select(isZero, one, y));
  Value safe = k.select(
      k.bitOr(isZero, k.eq(y, k.constantInt(y.getType(), -1))), one, y);
  Value r = k.rem(x, safe);
  if (op.getFmod())
    return r;
  Value differ = k.bitAnd(k.cmp(CmpI::ne, r, zero),
                          k.cmp(CmpI::ne, k.lt(r, zero), k.lt(y, zero)));
  return k.select(differ, k.add(r, y), r);
}

/// Outside [0, bits) what is left is the fill: the sign of a right shift.
Value emitShift(CodeBuilder &k, Operation *op, Value x, Value y) {
  Type type = x.getType();
  unsigned width = elementType(type).getIntOrFloatBitWidth();
  Value last = k.constantInt(type, width - 1), zero = k.zero(type);
  Value inside = k.cmp(CmpI::ule, y, last);
  Value by = k.select(inside, y, last);
  if (isa<llm::ShiftRightOp>(op) && !isUnsigned(op))
    return k.shrSigned(x, by);
  Value moved = isa<llm::ShiftLeftOp>(op) ? k.shl(x, by) : k.shrUnsigned(x, by);
  return k.select(inside, moved, zero);
}

Value emitMinMax(CodeBuilder &k, Operation *op, Value x, Value y, bool min) {
  if (isFloat(x))
    return min ? k.minimum(x, y) : k.maximum(x, y);
  CmpI below = isUnsigned(op) ? CmpI::ult : CmpI::slt;
  return min ? k.select(k.cmp(below, x, y), x, y)
             : k.select(k.cmp(below, x, y), y, x);
}

Value emitCompare(CodeBuilder &k, Operation *op, CmpF f, CmpI s, CmpI u,
                  Value x, Value y) {
  if (isFloat(x))
    return k.cmp(f, x, y);
  return k.cmp(isUnsigned(op) ? u : s, x, y);
}

Value emitSign(CodeBuilder &k, Operation *op, Value x) {
  Value zero = k.zero(x.getType());
  if (!isFloat(x)) {
    Value one = k.constantInt(x.getType(), 1);
    Value positive = k.select(
        k.cmp(isUnsigned(op) ? CmpI::ugt : CmpI::sgt, x, zero), one, zero);
    return isUnsigned(op) ? positive
                          : k.select(k.lt(x, zero),
                                     k.constantInt(x.getType(), -1), positive);
  }
  Value r =
      k.select(k.cmp(CmpF::OGT, x, zero), k.constant(x.getType(), 1), zero);
  r = k.select(k.cmp(CmpF::OLT, x, zero), k.constant(x.getType(), -1), r);
  return k.select(k.cmp(CmpF::UNO, x, x), x, r);
}

Value emitIsInf(CodeBuilder &k, llm::IsInfOp op, Value x) {
  Value inf = k.constant(x.getType(), INFINITY),
        minusInf = k.constant(x.getType(), -INFINITY);
  Value p = k.cmp(CmpF::OEQ, x, inf), n = k.cmp(CmpF::OEQ, x, minusInf);
  if (op.getPositive() && op.getNegative())
    return k.bitOr(p, n);
  if (!op.getPositive() && !op.getNegative())
    return k.bitAnd(p, n);
  return op.getPositive() ? p : n;
}

/// In the compute type of the result; rounded through a smaller float type so
/// that a fused cast means what it says.
Value emitCast(CodeBuilder &k, llm::CastOp op, Value x) {
  Type to = getElementTypeOrSelf(op.getResult().getType());
  Type from = getElementTypeOrSelf(op.getX().getType());
  if (isSmallFloat(to)) {
    auto type = cast<FloatType>(to);
    SmallRounding rounding{!op.getOverflows(),
                           static_cast<ScaleRounding>(op.getRounding())};
    if (!from.isF64())
      x = k.convert(x, k.f32(), from.isUnsignedInteger());
    return decodeSmallFloat(k, encodeSmallFloat(k, x, type, rounding), type);
  }
  Type stored = isa<FloatType>(to) ? to : computeType(to);
  bool isUnsignedSide =
      isa<FloatType>(from) ? to.isUnsignedInteger() : from.isUnsignedInteger();
  Value v = k.convert(x, stored, isUnsignedSide);
  auto f = dyn_cast<FloatType>(stored);
  return f && f.getWidth() < 32 ? k.convert(v, k.f32()) : v;
}

/// Of integers by repeated squaring, wrapping.
Value emitIntPow(CodeBuilder &k, Value x, Value y, bool isUnsigned) {
  Type type = x.getType();
  unsigned width = elementType(type).getIntOrFloatBitWidth();
  Value one = k.constantInt(type, 1), zero = k.zero(type);
  Values done =
      k.forLoop(k.ci(0), k.ci(width), k.ci(1), {one, x, y},
                [&](Value, ValueRange carried) -> Values {
                  Value result = carried[0], base = carried[1],
                        left = carried[2];
                  Value isOdd = k.cmp(CmpI::ne, k.bitAnd(left, one), zero);
                  return {k.select(isOdd, k.mul(result, base), result),
                          k.mul(base, base), k.shrUnsigned(left, one)};
                });
  if (isUnsigned)
    return done[0];
  // 1 / x^|y|, rounded towards zero: only 1 and -1 leave something.
  Value minusOne = k.constantInt(type, -1);
  Value sign = k.select(k.eq(k.bitAnd(y, one), zero), one, minusOne);
  Value inverse =
      k.select(k.eq(x, one), one, k.select(k.eq(x, minusOne), sign, zero));
  return k.select(k.lt(y, zero), inverse, done[0]);
}

Value emitPowOf(CodeBuilder &k, Operation *op, Value x, Value y) {
  if (!isFloat(x))
    return emitIntPow(k, x, y, isUnsigned(op));
  return k.convert(emitPow(k, k.convert(x, k.f64()), k.convert(y, k.f64())),
                   elementType(x.getType()));
}

Value emitUnary(CodeBuilder &k, Operation *op, Value x) {
  using namespace llm;
  auto one = [&] { return k.constant(x.getType(), 1); };
  auto exact = [&](auto f32, auto f64) {
    return elementType(x.getType()).isF64() ? viaF64(k, x, f64)
                                            : viaF32(k, x, f32);
  };
  return TypeSwitch<Operation *, Value>(op)
      .Case<NegOp>([&](auto) {
        return isFloat(x) ? k.neg(x) : k.sub(k.zero(x.getType()), x);
      })
      .Case<AbsOp>(
          [&](auto) { return isFloat(x) || !isUnsigned(op) ? k.abs(x) : x; })
      .Case<ExpOp>([&](auto) { return emitExp(k, x); })
      .Case<LogOp>([&](auto) { return viaF64(k, x, emitLog); })
      .Case<SqrtOp>([&](auto) { return k.sqrt(x); })
      .Case<RsqrtOp>([&](auto) { return k.div(one(), k.sqrt(x)); })
      .Case<ReciprocalOp>([&](auto) { return k.div(one(), x); })
      .Case<ErfOp>([&](auto) { return exact(emitErf, emitErfDouble); })
      .Case<TanhOp>([&](auto) { return exact(emitTanh, emitTanhDouble); })
      .Case<SigmoidOp>([&](auto) {
        return k.div(one(), k.add(one(), emitExp(k, k.neg(x))));
      })
      .Case<ReluOp>([&](auto) {
        return isFloat(x) ? k.maximum(x, k.zero(x.getType()))
                          : emitMinMax(k, op, x, k.zero(x.getType()), false);
      })
      .Case<SiluOp>(
          [&](auto) { return k.div(x, k.add(one(), emitExp(k, k.neg(x)))); })
      .Case<GeluErfOp>([&](auto) { return viaF32(k, x, emitGelu); })
      .Case<GeluTanhOp>([&](auto) { return viaF32(k, x, emitGeluTanh); })
      .Case<SinOp>([&](auto) { return viaF64(k, x, emitSin); })
      .Case<CosOp>([&](auto) { return viaF64(k, x, emitCos); })
      .Case<TanOp>([&](auto) { return emitTan(k, x); })
      .Case<AsinOp>([&](auto) { return emitAsin(k, x); })
      .Case<AcosOp>([&](auto) { return emitAcos(k, x); })
      .Case<AtanOp>([&](auto) { return emitAtan(k, x); })
      .Case<SinhOp>([&](auto) { return emitSinh(k, x); })
      .Case<CoshOp>([&](auto) { return emitCosh(k, x); })
      .Case<AsinhOp>([&](auto) { return emitAsinh(k, x); })
      .Case<AcoshOp>([&](auto) { return emitAcosh(k, x); })
      .Case<AtanhOp>([&](auto) { return emitAtanh(k, x); })
      .Case<FloorOp>([&](auto) { return k.floor(x); })
      .Case<CeilOp>([&](auto) { return k.ceil(x); })
      .Case<RoundOp>([&](auto) { return k.roundEven(x); })
      .Case<SignOp>([&](auto) { return emitSign(k, op, x); })
      .Case<NotOp>(
          [&](auto) { return k.bitXor(x, k.constantInt(x.getType(), -1)); })
      .Case<IsNaNOp>([&](auto) { return k.cmp(CmpF::UNO, x, x); })
      .Case<IsInfOp>([&](IsInfOp o) { return emitIsInf(k, o, x); })
      .Case<SoftplusOp>([&](auto) { // max(x, 0) + log(1 + e^-|x|)
        return viaF64(k, x, [](CodeBuilder &k, Value d) {
          Value tail = emitLog(k, k.add(k.constant(d.getType(), 1),
                                        emitExp(k, k.neg(k.abs(d)))));
          return k.add(k.maximum(d, k.zero(d.getType())), tail);
        });
      })
      .Case<CastOp>([&](CastOp o) { return emitCast(k, o, x); })
      .Default([](auto) { return Value(); });
}

Value emitBinary(CodeBuilder &k, Operation *op, Value x, Value y,
                 llvm::function_ref<void(Value)> fail) {
  using namespace llm;
  return TypeSwitch<Operation *, Value>(op)
      .Case<AddOp>([&](auto) { return k.add(x, y); })
      .Case<SubOp>([&](auto) { return k.sub(x, y); })
      .Case<MulOp>([&](auto) { return k.mul(x, y); })
      .Case<DivOp>([&](auto) { return emitDivide(k, op, x, y, fail); })
      .Case<ModOp>([&](ModOp m) { return emitMod(k, m, x, y, fail); })
      .Case<PowOp>([&](auto) { return emitPowOf(k, op, x, y); })
      .Case<MinOp>([&](auto) { return emitMinMax(k, op, x, y, true); })
      .Case<MaxOp>([&](auto) { return emitMinMax(k, op, x, y, false); })
      .Case<ShiftLeftOp, ShiftRightOp>(
          [&](auto) { return emitShift(k, op, x, y); })
      .Case<AndOp>([&](auto) { return k.bitAnd(x, y); })
      .Case<OrOp>([&](auto) { return k.bitOr(x, y); })
      .Case<XorOp>([&](auto) { return k.bitXor(x, y); })
      .Case<EqualOp>([&](auto) {
        return emitCompare(k, op, CmpF::OEQ, CmpI::eq, CmpI::eq, x, y);
      })
      .Case<LessOp>([&](auto) {
        return emitCompare(k, op, CmpF::OLT, CmpI::slt, CmpI::ult, x, y);
      })
      .Case<LessEqualOp>([&](auto) {
        return emitCompare(k, op, CmpF::OLE, CmpI::sle, CmpI::ule, x, y);
      })
      .Case<GreaterOp>([&](auto) {
        return emitCompare(k, op, CmpF::OGT, CmpI::sgt, CmpI::ugt, x, y);
      })
      .Case<GreaterEqualOp>([&](auto) {
        return emitCompare(k, op, CmpF::OGE, CmpI::sge, CmpI::uge, x, y);
      })
      .Default([](auto) { return Value(); });
}

} // namespace

Value emitScalar(CodeBuilder &k, Operation *op, ValueRange operands,
                 llvm::function_ref<void(Value)> fail) {
  if (isa<llm::WhereOp>(op))
    return k.select(operands[0], operands[1], operands[2]);
  if (operands.size() == 1)
    return emitUnary(k, op, operands[0]);
  if (operands.size() == 2)
    return emitBinary(k, op, operands[0], operands[1], fail);
  return {};
}

} // namespace llmc
