// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/MathDouble.h"

#include "codegen/cpu/Math.h"

#include <cmath>

using namespace mlir;

namespace llmc {

/// c[0] + c[1] z + ... with separate multiply and add where there is no fma.
static Value polynomial(CodeBuilder &k, Value z, ArrayRef<double> c) {
  Value sum = k.constant(z.getType(), c.back());
  for (double v : llvm::reverse(c.drop_back()))
    sum = k.fma(sum, z, k.constant(z.getType(), v));
  return sum;
}

/// sin(x + quarter turns * pi/2), by reduction to [-pi/4, pi/4] (pi/2 in three parts) and Taylor series.
static Value sinShifted(CodeBuilder &k, Value x, int64_t quarters) {
  Type t = x.getType();
  Value n = k.roundEven(k.mul(x, k.constant(t, 2 / M_PI)));
  Value r = k.fma(n, k.constant(t, -1.57079632673412561417e+00), x); // the upper 33 bits of pi/2
  r = k.fma(n, k.constant(t, -6.07710050630396597660e-11), r);       // the next 33
  r = k.fma(n, k.constant(t, -2.02226624879595063154e-21), r);
  Value z = k.mul(r, r);
  Value s = polynomial(k, z, {1, -1. / 6, 1. / 120, -1. / 5040, 1. / 362880, -1. / 39916800, 1. / 6227020800., -1. / 1307674368000.});
  Value c = polynomial(k, z, {1, -1. / 2, 1. / 24, -1. / 720, 1. / 40320, -1. / 3628800, 1. / 479001600., -1. / 87178291200.});
  Value turns = k.add(k.convert(n, k.i64()), quarters);
  Type i = turns.getType();
  Value odd = k.cmp(CmpI::ne, k.bitAnd(turns, k.constantInt(i, 1)), k.zero(i));
  Value minus = k.cmp(CmpI::ne, k.bitAnd(turns, k.constantInt(i, 2)), k.zero(i));
  Value v = k.select(odd, c, k.mul(r, s));
  return k.select(minus, k.neg(v), v);
}

Value emitSin(CodeBuilder &k, Value x) { return sinShifted(k, x, 0); }
Value emitCos(CodeBuilder &k, Value x) { return sinShifted(k, x, 1); }

/// x = 2^e m with m in [sqrt 1/2, sqrt 2); log m = 2 atanh((m - 1)/(m + 1)) as a series.
Value emitLog(CodeBuilder &k, Value x) {
  Type t = x.getType();
  Value small = k.cmp(CmpF::OLT, x, k.constant(t, 0x1p-1022));
  Value scaled = k.select(small, k.mul(x, k.constant(t, 0x1p54)), x);
  Value bits = k.bitcast(scaled, k.i64());
  Type i = bits.getType();
  // Exponent relative to sqrt 1/2, so that m lies around 1.
  Value shifted = k.sub(bits, k.constantInt(i, 0x3fe6a09e667f3bcd));
  Value e = k.shrSigned(shifted, k.constantInt(i, 52));
  Value m = k.bitcast(k.sub(bits, k.shl(e, k.constantInt(i, 52))), k.f64());
  Value exponent = k.sub(k.convert(e, k.f64()), k.select(small, k.constant(t, 54), k.zero(t)));
  Value one = k.constant(t, 1);
  Value s = k.div(k.sub(m, one), k.add(m, one)), z = k.mul(s, s);
  Value series = polynomial(k, z, {2, 2. / 3, 2. / 5, 2. / 7, 2. / 9, 2. / 11, 2. / 13, 2. / 15, 2. / 17, 2. / 19});
  Value r = k.add(k.mul(exponent, k.constant(t, M_LN2)), k.mul(s, series));
  r = k.select(k.cmp(CmpF::OEQ, x, k.zero(t)), k.constant(t, -INFINITY), r);
  r = k.select(k.cmp(CmpF::OEQ, x, k.constant(t, INFINITY)), x, r);
  return k.select(k.cmp(CmpF::ULT, x, k.zero(t)), k.constant(t, NAN), r);
}

Value emitPow(CodeBuilder &k, Value x, Value y) {
  Type t = x.getType();
  Value zero = k.zero(t), one = k.constant(t, 1);
  Value magnitude = emitExp(k, k.mul(y, emitLog(k, k.abs(x))));
  Value half = k.mul(y, k.constant(t, 0.5));
  Value whole = k.cmp(CmpF::OEQ, k.trunc(y), y);
  Value odd = k.bitAnd(whole, k.cmp(CmpF::UNE, k.trunc(half), half));
  // A negative base has a real power for whole exponents only.
  Value negative = k.cmp(CmpF::OLT, x, zero);
  Value r = k.select(k.bitAnd(negative, odd), k.neg(magnitude), magnitude);
  Value finite = k.cmp(CmpF::OLT, k.abs(x), k.constant(t, INFINITY));
  Value undefined = k.bitAnd(k.bitAnd(negative, finite), k.cmp(CmpF::UNE, k.trunc(y), y));
  r = k.select(undefined, k.constant(t, NAN), r);
  // The square is by far the most common power, and exact this way.
  r = k.select(k.cmp(CmpF::OEQ, y, k.constant(t, 2)), k.mul(x, x), r);
  r = k.select(k.cmp(CmpF::OEQ, y, one), x, r);
  r = k.select(k.cmp(CmpF::OEQ, y, k.constant(t, 3)), k.mul(x, k.mul(x, x)), r);
  return k.select(k.bitOr(k.cmp(CmpF::OEQ, y, zero), k.cmp(CmpF::OEQ, x, one)), one, r);
}

Value emitTanhDouble(CodeBuilder &k, Value x) {
  Type t = x.getType();
  Value one = k.constant(t, 1), a = k.abs(x), z = k.mul(x, x);
  Value e = emitExp(k, k.mul(a, k.constant(t, -2)));
  Value large = k.copySign(k.div(k.sub(one, e), k.add(one, e)), x);
  // Near 0 the quotient cancels: a continued fraction instead (Lambert).
  Value fraction = k.constant(t, 19);
  for (int odd : {17, 15, 13, 11, 9, 7, 5, 3, 1})
    fraction = k.add(k.constant(t, odd), k.div(z, fraction));
  return k.select(k.lt(a, k.constant(t, 0.5)), k.div(x, fraction), large);
}

/// Maclaurin series below 3 and the continued fraction of erfc above (Abramowitz and Stegun 7.1.6, 7.1.14).
Value emitErfDouble(CodeBuilder &k, Value x) {
  Type t = x.getType();
  Value a = k.abs(x), z = k.mul(a, a), e = emitExp(k, k.neg(z));
  Value sum = k.constant(t, 1);
  for (int n = 48; n >= 1; --n) // 1 + 2z/3 (1 + 2z/5 (1 + ...))
    sum = k.fma(k.mul(z, k.constant(t, 2.0 / (2 * n + 1))), sum, k.constant(t, 1));
  Value small = k.mul(k.mul(a, k.mul(e, sum)), k.constant(t, M_2_SQRTPI));
  Value fraction = a;
  for (int n = 24; n >= 1; --n)
    fraction = k.add(a, k.div(k.constant(t, n / 2.0), fraction));
  Value large = k.sub(k.constant(t, 1), k.div(k.mul(e, k.constant(t, M_2_SQRTPI / 2)), fraction));
  Value r = k.select(k.lt(a, k.constant(t, 3)), small, large);
  r = k.select(k.lt(k.constant(t, 6.5), a), k.constant(t, 1), r);
  return k.copySign(r, x);
}

} // namespace llmc
