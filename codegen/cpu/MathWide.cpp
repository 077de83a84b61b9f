// SPDX-License-Identifier: Apache-2.0
// The elementary functions that are computed in double.
#include "codegen/cpu/Math.h"
#include <cmath>

using namespace mlir;

namespace llmc {
namespace {

// (log((1 + s) / (1 - s)) - 2 s) / s^3 in t = s^2, for a mantissa in
// [sqrt(1/2), sqrt 2).
constexpr double logTerms[] = {0.666666666666666609, 0.400000000000063325,
                               0.285714285690584178, 0.222222226509453636,
                               0.181817753324401804, 0.153871053732690183,
                               0.132497873288541674, 0.132543488342899907};
// (sin(x) / x - 1) / x^2 and (cos(x) - 1 + x^2 / 2) / x^4 in t = x^2, |x| <= pi
// / 4.
constexpr double sinTerms[] = {
    -0.166666666666666316,  0.00833333333332231445,  -0.000198412698297247445,
    2.75573136619204503e-6, -2.50507532454807021e-8, 1.58965039450924264e-10};
constexpr double cosTerms[] = {
    0.0416666666666665987,   -0.00138888888888739908, 0.0000248015872893949386,
    -2.75573143260333992e-7, 2.08757195590373683e-9,  -1.13594486973751645e-11};
// (atan(x) / x - 1) / x^2 in t = x^2, |x| <= tan(pi / 8).
constexpr double atanTerms[] = {
    -0.333333333333333276, 0.199999999999976876,   -0.142857142853903704,
    0.111111110883269148,  -0.0909090814995909701, 0.0769228288232829233,
    -0.066662285939041481, 0.0587703986561649063,  -0.0521852115098057423,
    0.0450402582942579763, -0.0334855817845451469, 0.0152064831041009911};
// sinh(x) / x - 1 over x^2 in t = x^2: Taylor, |x| <= 0.3.
constexpr double sinhTerms[] = {1.0 / 6,      1.0 / 120,      1.0 / 5040,
                                1.0 / 362880, 1.0 / 39916800, 1.0 / 6227020800};

/// Applies a double function to x of either type.
template <typename Emit> Value inDouble(CodeBuilder &k, Value x, Emit emit) {
  Type element = elementType(x.getType());
  return k.convert(emit(k.convert(x, k.f64())), element);
}

Value number(CodeBuilder &k, Value like, double value) {
  return k.constant(like.getType(), value);
}

/// x + x^3 P(x^2)
Value odd(CodeBuilder &k, Value x, ArrayRef<double> terms) {
  Value square = k.mul(x, x);
  return k.fma(k.mul(square, x), emitPolynomial(k, square, terms), x);
}

Value log64(CodeBuilder &k, Value x) {
  Type type = x.getType(), bitsType = k.like(type, k.i64());
  Value tiny = k.cmp(CmpF::OLT, x, number(k, x, 0x1p-1022));
  Value scaled = k.select(tiny, k.mul(x, number(k, x, 0x1p54)), x);
  Value bits = k.bitcast(scaled, k.i64()),
        middle = k.bitcast(number(k, x, M_SQRT1_2), k.i64());
  Value exponent =
      k.shrSigned(k.sub(bits, middle), k.constantInt(bitsType, 52));
  Value mantissa = k.bitcast(
      k.sub(bits, k.shl(exponent, k.constantInt(bitsType, 52))), k.f64());
  // Small integers to double by the bits of 1.5 * 2^52: AVX2 has no conversion
  // of 64-bit integers.
  Value magic = number(k, x, 0x1.8p52);
  Value e = k.sub(
      k.bitcast(k.add(exponent, k.bitcast(magic, k.i64())), k.f64()), magic);
  e = k.select(tiny, k.sub(e, number(k, x, 54)), e);
  Value one = number(k, x, 1);
  Value s = k.div(k.sub(mantissa, one), k.add(mantissa, one)),
        square = k.mul(s, s);
  Value rest = k.mul(k.mul(square, s), emitPolynomial(k, square, logTerms));
  Value low = k.fma(e, number(k, x, 0x1.a39ef35793c76p-33), rest);
  Value result =
      k.fma(e, number(k, x, 0x1.62e42fee00000p-1), k.add(k.add(s, s), low));
  // 0, negative numbers, infinity and NaN.
  Value zero = k.zero(type), infinity = number(k, x, INFINITY);
  result = k.select(k.cmp(CmpF::OEQ, x, infinity), x, result);
  result = k.select(k.cmp(CmpF::OEQ, x, zero), number(k, x, -INFINITY), result);
  return k.select(k.cmp(CmpF::ULT, x, zero), number(k, x, NAN), result);
}

Value log1p64(CodeBuilder &k, Value x) {
  // log(w) x / (w - 1) with w = 1 + x rounded: the rounding of w cancels.
  Value one = number(k, x, 1), w = k.add(one, x);
  Value corrected = k.mul(log64(k, w), k.div(x, k.sub(w, one)));
  corrected =
      k.select(k.cmp(CmpF::OEQ, w, number(k, x, INFINITY)), w, corrected);
  return k.select(k.cmp(CmpF::OEQ, w, one), x, corrected);
}

std::pair<Value, Value> sinCos64(CodeBuilder &k, Value x) {
  Value magic = number(k, x, 0x1.8p52);
  Value shifted = k.fma(x, number(k, x, M_2_PI), magic),
        n = k.sub(shifted, magic);
  // pi / 2 in three words; the first two have 33 bits, so that their products
  // with n are exact.
  Value r = k.fma(n, number(k, x, -0x1.921fb544p0), x);
  r = k.fma(n, number(k, x, -0x1.0b4611a6p-34), r);
  r = k.fma(n, number(k, x, -0x1.3198a2e037073p-69), r);
  Value quadrant = k.bitcast(shifted, k.i64());
  auto bit = [&](Value value, int64_t mask) {
    return k.cmp(CmpI::ne,
                 k.bitAnd(value, k.constantInt(value.getType(), mask)),
                 k.zero(value.getType()));
  };
  Value square = k.mul(r, r);
  Value sine = odd(k, r, sinTerms);
  Value cosine =
      k.fma(k.mul(square, square), emitPolynomial(k, square, cosTerms),
            k.fma(square, number(k, x, -0.5), number(k, x, 1)));
  Value swap = bit(quadrant, 1);
  Value s = k.select(swap, cosine, sine), c = k.select(swap, sine, cosine);
  return {k.select(bit(quadrant, 2), k.neg(s), s),
          k.select(bit(k.add(quadrant, 1), 2), k.neg(c), c)};
}

Value atan64(CodeBuilder &k, Value x) {
  Value a = k.abs(x), one = number(k, x, 1), zero = k.zero(x.getType());
  Value large = k.cmp(CmpF::OGT, a, number(k, x, 2.414213562373095));
  Value middle = k.cmp(CmpF::OGT, a, number(k, x, 0.4142135623730951));
  Value t = k.select(middle, k.div(k.sub(a, one), k.add(a, one)), a);
  t = k.select(large, k.div(number(k, x, -1), a), t);
  Value base = k.select(large, number(k, x, M_PI_2),
                        k.select(middle, number(k, x, M_PI_4), zero));
  return k.copySign(k.add(base, odd(k, t, atanTerms)), x);
}

Value pow64(CodeBuilder &k, Value x, Value y) {
  Value zero = k.zero(x.getType()), one = number(k, x, 1),
        half = number(k, x, 0.5);
  Value magnitude = emitExp(k, k.mul(y, log64(k, k.abs(x))));
  auto isWhole = [&](Value value) {
    return k.cmp(CmpF::OEQ, k.floor(value), value);
  };
  Value whole = isWhole(y),
        oddPower = k.bitAnd(
            whole, k.bitXor(isWhole(k.mul(y, half)), k.cmp(CmpF::OEQ, y, y)));
  // -0 has a sign too.
  Value negative = k.cmp(CmpI::slt, k.bitcast(x, k.i64()),
                         k.zero(k.like(x.getType(), k.i64())));
  Value result =
      k.select(k.bitAnd(negative, oddPower), k.neg(magnitude), magnitude);
  Value finiteNegative = k.bitAnd(k.cmp(CmpF::OLT, x, zero),
                                  k.cmp(CmpF::UNE, x, number(k, x, -INFINITY)));
  Value fraction = k.cmp(CmpF::UNE, k.floor(y), y);
  result =
      k.select(k.bitAnd(finiteNegative, fraction), number(k, x, NAN), result);
  // The square is by far the most common power, and exact this way.
  result = k.select(k.cmp(CmpF::OEQ, y, number(k, x, 2)), k.mul(x, x), result);
  result = k.select(k.cmp(CmpF::OEQ, y, one), x, result);
  Value trivial = k.bitOr(k.cmp(CmpF::OEQ, x, one), k.cmp(CmpF::OEQ, y, zero));
  return k.select(trivial, one, result);
}

} // namespace

Value emitLog(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) { return log64(k, v); });
}

Value emitLog1p(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) { return log1p64(k, v); });
}

std::pair<Value, Value> emitSinCos(CodeBuilder &k, Value x) {
  Type element = elementType(x.getType());
  auto [s, c] = sinCos64(k, k.convert(x, k.f64()));
  return {k.convert(s, element), k.convert(c, element)};
}

Value emitSin(CodeBuilder &k, Value x) { return emitSinCos(k, x).first; }
Value emitCos(CodeBuilder &k, Value x) { return emitSinCos(k, x).second; }

Value emitTan(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) {
    auto [s, c] = sinCos64(k, v);
    return k.div(s, c);
  });
}

Value emitAtan(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) { return atan64(k, v); });
}

Value emitAsin(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) {
    Value one = number(k, v, 1);
    return atan64(k, k.div(v, k.sqrt(k.mul(k.sub(one, v), k.add(one, v)))));
  });
}

Value emitAcos(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) {
    Value one = number(k, v, 1);
    Value half = atan64(k, k.sqrt(k.div(k.sub(one, v), k.add(one, v))));
    return k.add(half, half);
  });
}

Value emitSinh(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) {
    Value grown = emitExp(k, k.abs(v));
    Value far =
        k.mul(number(k, v, 0.5), k.sub(grown, k.div(number(k, v, 1), grown)));
    Value isNear = k.cmp(CmpF::OLT, k.abs(v), number(k, v, 0.3));
    return k.select(isNear, odd(k, v, sinhTerms), k.copySign(far, v));
  });
}

Value emitCosh(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) {
    Value grown = emitExp(k, k.abs(v));
    return k.mul(number(k, v, 0.5),
                 k.add(grown, k.div(number(k, v, 1), grown)));
  });
}

Value emitAsinh(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) {
    Value a = k.abs(v), one = number(k, v, 1), square = k.mul(a, a);
    Value inner =
        k.add(a, k.div(square, k.add(one, k.sqrt(k.add(square, one)))));
    Value result = k.select(k.cmp(CmpF::OEQ, a, number(k, v, INFINITY)), a,
                            log1p64(k, inner));
    return k.copySign(result, v);
  });
}

Value emitAcosh(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) {
    Value above = k.sub(v, number(k, v, 1));
    return log1p64(
        k, k.add(above, k.sqrt(k.mul(above, k.add(v, number(k, v, 1))))));
  });
}

Value emitAtanh(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) {
    Value inner = k.div(k.add(v, v), k.sub(number(k, v, 1), v));
    return k.mul(number(k, v, 0.5), log1p64(k, inner));
  });
}

Value emitPow(CodeBuilder &k, Value x, Value y) {
  Type element = elementType(x.getType());
  return k.convert(pow64(k, k.convert(x, k.f64()), k.convert(y, k.f64())),
                   element);
}

Value emitSoftplus(CodeBuilder &k, Value x) {
  return inDouble(k, x, [&](Value v) {
    Value rest = log1p64(k, emitExp(k, k.neg(k.abs(v))));
    return k.add(k.max(k.zero(v.getType()), v), rest);
  });
}

} // namespace llmc
