// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Remainder.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;

namespace llmc {

namespace {

/// A positive finite double as mantissa * 2^exponent with 53 bits of mantissa.
struct Parts {
  Value mantissa, exponent; // i64
};

Parts partsOf(CodeBuilder &k, Value bits) {
  Value field = k.shrUnsigned(bits, k.ci(52)),
        fraction = k.bitAnd(bits, k.ci((int64_t(1) << 52) - 1));
  Value isTiny = k.eq(field, k.ci(0));
  Value mantissa =
      k.select(isTiny, fraction, k.bitOr(fraction, k.ci(int64_t(1) << 52)));
  // Below the normal numbers the leading one is moved to its place.
  Value zeros = math::CountLeadingZerosOp::create(k.builder(), k.location(),
                                                  k.bitOr(mantissa, k.ci(1)));
  Value shift = k.sub(zeros, 11);
  return {k.shl(mantissa, shift), k.sub(k.max(field, k.ci(1)), shift)};
}

/// The double of a mantissa below 2^53 at an exponent as above.
Value joined(CodeBuilder &k, Value mantissa, Value exponent) {
  Value zeros = math::CountLeadingZerosOp::create(k.builder(), k.location(),
                                                  k.bitOr(mantissa, k.ci(1)));
  // Up to the 53rd bit, or as far as the exponent allows; down, over bits that
  // are 0, where the divisor was below the normal numbers.
  Value shift = k.min(k.sub(zeros, 11), k.sub(exponent, 1));
  Value up = k.max(shift, k.ci(0)), down = k.max(k.neg(shift), k.ci(0));
  Value moved = k.shrUnsigned(k.shl(mantissa, up), down);
  // A leading one adds 1 to the exponent's field.
  Value field = k.sub(k.sub(exponent, shift), 1);
  Value bits = k.add(moved, k.shl(field, k.ci(52)));
  return k.select(k.eq(mantissa, k.ci(0)), k.zero(k.f64()),
                  k.bitcast(bits, k.f64()));
}

/// Long division in binary, one bit of the quotient per step.
Value remainderOf(CodeBuilder &k, Value x, Value y) {
  Parts a = partsOf(k, x), b = partsOf(k, y);
  auto reduced = [&](Value m) {
    return k.select(k.lt(m, b.mantissa), m, k.sub(m, b.mantissa));
  };
  Value steps = k.sub(a.exponent, b.exponent);
  Value r = k.forLoop(k.ci(0), steps, k.ci(1), reduced(a.mantissa),
                      [&](Value, ValueRange m) -> Values {
                        return {reduced(k.shl(m[0], k.ci(1)))};
                      })[0];
  return joined(k, r, b.exponent);
}

} // namespace

Value emitFloatMod(CodeBuilder &k, Value x, Value y, bool truncated) {
  Type element = x.getType();
  Value a = k.convert(x, k.f64()), b = k.convert(y, k.f64());
  Value top = k.abs(a), bottom = k.abs(b);
  Value infinity = k.constant(k.f64(), INFINITY), zero = k.zero(k.f64());
  Value isRegular =
      k.bitAnd(k.cmp(CmpF::OLT, top, infinity), k.cmp(CmpF::OGT, bottom, zero));
  Value divides =
      k.bitAnd(isRegular, k.bitAnd(k.cmp(CmpF::OLT, bottom, infinity),
                                   k.cmp(CmpF::OGE, top, bottom)));
  Value r = k.ifElse(
      divides,
      [&]() -> Values {
        return {remainderOf(k, k.bitcast(top, k.i64()),
                            k.bitcast(bottom, k.i64()))};
      },
      [&]() -> Values { return {top}; })[0];
  // Exact in the operands' type, and so is a sum with y but for one rounding.
  r = k.copySign(k.convert(r, element), x);
  if (!truncated) {
    Value none = k.zero(element);
    Value differ = k.cmp(CmpI::ne, k.lt(x, none), k.lt(y, none));
    Value isZero = k.eq(r, none);
    r = k.select(isZero, k.copySign(r, y), k.select(differ, k.add(r, y), r));
  }
  return k.select(isRegular, r, k.constant(element, NAN));
}

} // namespace llmc
