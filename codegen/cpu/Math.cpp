// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Math.h"
#include "codegen/cpu/MathDouble.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;

namespace llmc {

// (e^x - 1 - x) / x^2 on |x| <= ln2 / 2, relative error of e^x 5e-11 and 5e-20.
static constexpr double expF32[] = {
    0.500000006767706431,   0.166666658689439099,  0.0416662949620754068,
    0.00833349708598920197, 0.0013944658786942118, 0.000197903320580222556};
static constexpr double expF64[] = {
    0.500000000000000004,   0.166666666666666834,   0.0416666666666660943,
    0.00833333333331703723, 0.00138888888891156401, 0.000198412698963764728,
    2.48015868265888706e-5, 2.75572348691657222e-6, 2.75575819005630703e-7,
    2.51120343691773579e-8, 2.08266073202099271e-9};
// (2^x - 1) / x on |x| <= 0.5, relative error of 2^x 2e-9.
static constexpr double exp2F32[] = {
    0.69314720285504638,    0.240226479136316728,  0.0555033247115711845,
    0.00961843735747535705, 0.0013398874404211753, 0.000153533619372425965};
// (tanh(x) / x - 1) / x^2 in t = x^2, |x| <= 0.625.
static constexpr double tanhSmall[] = {
    -0.333333309063892034, 0.133332097575131012,    -0.0539472038466047422,
    0.0217029661012723459, -0.00818267355522439337, 0.00214753795220920857};
// erf(x) / x - 1 in t = x^2, |x| <= 1.
static constexpr double erfSmall[] = {
    0.12837916706316089,     -0.376126384837888729,  0.11283782746882138,
    -0.0268654458045024764,  0.00522107483550027637, -0.000848471089364465817,
    0.000112705408705421493, -9.68012706911203816e-6};
// log(erfc(x)) on [1, 6].
static constexpr double logErfc[] = {
    0.000165773416914401176, -1.12954339583625529,    -0.633127711256321082,
    -0.108731086593589793,   0.0255837193909067862,   -0.00444166194222154,
    0.000524858228523916296, -3.71892119366559256e-5, 1.18047233109217166e-6};
// log2 of the standard normal distribution function at -x, on [0, 8.5],
// relative error 3e-8.
static constexpr double log2NormalTail[] = {-1,
                                            -1.1511052715591668,
                                            -0.4592114876009898,
                                            -0.052464698047868186,
                                            0.006966605034294265,
                                            3.6215006136251548e-06,
                                            -0.0002962846373673701,
                                            8.829742993590067e-05,
                                            -1.5165709644280488e-05,
                                            1.6955337247940225e-06,
                                            -1.215850014233332e-07,
                                            5.0872653669921804e-09,
                                            -9.44689860231642e-11};

Value emitPolynomial(CodeBuilder &k, Value x, ArrayRef<double> coefficients) {
  Type type = x.getType();
  Value sum = k.constant(type, coefficients.back());
  for (double c : llvm::reverse(coefficients.drop_back()))
    sum = k.fma(sum, x, k.constant(type, c));
  return sum;
}

namespace {

/// e^r of the reduced argument and n as an integer: e^x = power * 2^n.
struct ExpParts {
  Value power, n;
};

ExpParts expParts(CodeBuilder &k, Value x) {
  Type type = x.getType();
  bool wide = elementType(type).isF64();
  // Adding 1.5 * 2^23 (2^52) rounds to a whole number and leaves it in the low
  // bits; no conversion, no NaN case.
  Value magic = k.constant(type, wide ? 0x1.8p52 : 0x1.8p23);
  Value shifted = k.fma(x, k.constant(type, M_LOG2E), magic);
  Value n = k.sub(shifted, magic);
  // ln2 in two parts; the first has trailing zeros, so that n * high is exact
  // without FMA too.
  double high = wide ? 0x1.62e42fee00000p-1 : 0x1.63p-1;
  double low = wide ? 0x1.a39ef35793c76p-33 : M_LN2 - 0x1.63p-1;
  Value r = k.fma(n, k.constant(type, -high), x);
  r = k.fma(n, k.constant(type, -low), r);
  Value q = emitPolynomial(
      k, r, wide ? ArrayRef<double>(expF64) : ArrayRef<double>(expF32));
  Value power = k.add(k.fma(k.mul(r, r), q, r), k.constant(type, 1));
  Type integer = wide ? k.i64() : k.i32();
  return {power, k.sub(k.bitcast(shifted, integer), k.bitcast(magic, integer))};
}

/// 2^n for an integer n in the range of normal numbers.
Value powerOfTwo(CodeBuilder &k, Value n, Type element) {
  bool wide = element.isF64();
  Value biased = k.add(n, wide ? 1023 : 127);
  return k.bitcast(
      k.shl(biased, k.constantInt(biased.getType(), wide ? 52 : 23)), element);
}

/// erfc(|x|) for |x| >= 1; the caller selects.
Value erfcTail(CodeBuilder &k, Value magnitude) {
  Type type = magnitude.getType();
  Value clamped = k.min(k.constant(type, 6.0), magnitude);
  return emitExpNonPositive(k, emitPolynomial(k, clamped, logErfc));
}

Value erfNearZero(CodeBuilder &k, Value x) {
  return k.fma(x, emitPolynomial(k, k.mul(x, x), erfSmall), x);
}

} // namespace

Value emitExp(CodeBuilder &k, Value x) {
  Type type = x.getType(), element = elementType(type);
  bool wide = element.isF64();
  // min and max give their second operand for a NaN.
  Value clamped = k.max(k.constant(type, wide ? -746.0 : -104.0),
                        k.min(k.constant(type, wide ? 710.0 : 89.0), x));
  ExpParts parts = expParts(k, clamped);
  // 2^n may lie outside the normal numbers where the result does not: scale
  // twice.
  Value half = k.shrSigned(parts.n, k.constantInt(parts.n.getType(), 1));
  Value scaled = k.mul(parts.power, powerOfTwo(k, half, element));
  return k.mul(scaled, powerOfTwo(k, k.sub(parts.n, half), element));
}

Value emitExpNonPositive(CodeBuilder &k, Value x) {
  Type type = x.getType();
  // Below -87.3 the exponent field would underflow; e^-87 is far below what any
  // sum keeps, so clamp and drop to 0.
  Value low = k.constant(type, -87.0);
  ExpParts parts = expParts(k, k.max(low, x));
  Value bits = k.bitcast(parts.power, k.i32());
  Value shifted = k.shl(parts.n, k.constantInt(bits.getType(), 23));
  Value result = k.bitcast(k.add(bits, shifted), k.f32());
  return k.select(k.cmp(CmpF::OLT, x, low), k.zero(type), result);
}

Value emitExp2NonPositive(CodeBuilder &k, Value x) {
  Type type = x.getType();
  x = k.max(k.constant(type, -127.0), x);
  Value magic = k.constant(type, 0x1.8p23), shifted = k.add(x, magic);
  Value r = k.sub(x, k.sub(shifted, magic));
  Value power = k.fma(emitPolynomial(k, r, exp2F32), r, k.constant(type, 1));
  // The magic number's low bits are clear; -127 clears the exponent of 1.
  Value bits = k.bitcast(shifted, k.i32());
  bits = k.shl(bits, k.constantInt(bits.getType(), 23));
  return k.bitcast(k.add(k.bitcast(power, k.i32()), bits), k.f32());
}

Value emitTanh(CodeBuilder &k, Value x) {
  if (elementType(x.getType()).isF64())
    return emitTanhDouble(k, x);
  Type type = x.getType();
  Value magnitude = k.abs(x), one = k.constant(type, 1);
  // Far: 1 - 2 / (e^(2|x|) + 1). Near 0 that cancels, so a polynomial.
  Value grown = emitExp(k, k.add(magnitude, magnitude));
  Value far =
      k.copySign(k.sub(one, k.div(k.constant(type, 2), k.add(grown, one))), x);
  Value square = k.mul(x, x);
  Value near = k.fma(k.mul(square, x), emitPolynomial(k, square, tanhSmall), x);
  return k.select(k.cmp(CmpF::OLT, magnitude, k.constant(type, 0.625)), near,
                  far);
}

Value emitErf(CodeBuilder &k, Value x) {
  if (elementType(x.getType()).isF64())
    return emitErfDouble(k, x);
  Type type = x.getType();
  Value magnitude = k.abs(x);
  Value far = k.copySign(k.sub(k.constant(type, 1), erfcTail(k, magnitude)), x);
  return k.select(k.cmp(CmpF::OGT, magnitude, k.constant(type, 1)), far,
                  erfNearZero(k, x));
}

Value emitSigmoid(CodeBuilder &k, Value x) {
  Value one = k.constant(x.getType(), 1);
  return k.div(one, k.add(one, emitExp(k, k.neg(x))));
}

Value emitSilu(CodeBuilder &k, Value x) {
  // At minus infinity the quotient is -inf / inf; the clamp keeps the limit, 0.
  Type type = x.getType();
  Value bounded = k.max(k.constant(type, -120.0), x);
  return k.div(bounded, k.add(k.constant(type, 1), emitExp(k, k.neg(x))));
}

Value emitGelu(CodeBuilder &k, Value x) {
  if (elementType(x.getType()).isF64())
    return k.convert(emitGelu(k, k.convert(x, k.f32())), k.f64());
  Type type = x.getType();
  Value magnitude = k.min(k.constant(type, 8.5), k.abs(x));
  Value tail =
      emitExp2NonPositive(k, emitPolynomial(k, magnitude, log2NormalTail));
  Value phi = k.select(k.cmp(CmpF::OGT, x, k.zero(type)),
                       k.sub(k.constant(type, 1), tail), tail);
  return k.mul(k.max(k.constant(type, -120.0), x), phi);
}

Value emitGeluTanh(CodeBuilder &k, Value x) {
  Type type = x.getType();
  const double scale = 1.5957691216057308; // 2 sqrt(2 / pi)
  Value inner = k.fma(k.mul(x, x), k.constant(type, -scale * 0.044715),
                      k.constant(type, -scale));
  Value bounded = k.max(k.constant(type, -120.0), x);
  return k.div(bounded,
               k.add(k.constant(type, 1), emitExp(k, k.mul(x, inner))));
}

const char *activationName(Activation activation) {
  constexpr const char *names[] = {"none",      "relu", "silu",   "gelu",
                                   "gelu-tanh", "tanh", "sigmoid"};
  return names[static_cast<int>(activation)];
}

static Value activated(CodeBuilder &k, Activation activation, Value x) {
  switch (activation) {
  case Activation::None:
    return x;
  case Activation::Relu:
    return k.max(k.zero(x.getType()), x); // NaN stays NaN
  case Activation::Silu:
    return emitSilu(k, x);
  case Activation::Gelu:
    return emitGelu(k, x);
  case Activation::GeluTanh:
    return emitGeluTanh(k, x);
  case Activation::Tanh:
    return emitTanh(k, x);
  case Activation::Sigmoid:
    return emitSigmoid(k, x);
  }
  return x;
}

std::string factorsKey(double scale, double gain) {
  if (scale == 1 && gain == 1)
    return "";
  return llvm::formatv(" s{0} g{1}", llvm::bit_cast<uint64_t>(scale),
                       llvm::bit_cast<uint64_t>(gain));
}

static Value scaled(CodeBuilder &k, Value x, double factor) {
  return factor == 1 ? x : k.mul(x, k.constant(x.getType(), factor));
}

Value emitActivation(CodeBuilder &k, Activation activation, Value x,
                     double scale, double gain) {
  return scaled(k, activated(k, activation, scaled(k, x, scale)), gain);
}

} // namespace llmc
