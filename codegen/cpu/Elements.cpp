// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Elements.h"

#include <array>
#include <cmath>

using namespace mlir;

namespace llmc {

bool isSubByte(Type element) {
  return !element.isInteger(1) && element.getIntOrFloatBitWidth() < 8;
}

bool isSmallFloat(Type element) {
  return isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 16;
}

Type memoryType(Type element) {
  unsigned width = element.getIntOrFloatBitWidth();
  if (width == 1 || (isa<FloatType>(element) && width >= 32))
    return element;
  return IntegerType::get(element.getContext(), std::max(8u, width));
}

Type computeType(Type element) {
  if (auto f = dyn_cast<FloatType>(element))
    return f.getWidth() < 32 ? Float32Type::get(element.getContext()) : element;
  return IntegerType::get(element.getContext(),
                          element.getIntOrFloatBitWidth());
}

int64_t memoryBytes(Type element) {
  return std::max(1u, element.getIntOrFloatBitWidth() / 8);
}

/// The byte that an element below a byte has, from its bits.
static char extendedByte(unsigned bits, Type element) {
  unsigned width = element.getIntOrFloatBitWidth();
  bits &= (1u << width) - 1;
  bool isSigned = element.isSignlessInteger() && bits >> (width - 1);
  return static_cast<char>(isSigned ? bits | ~0u << width : bits);
}

std::string memoryImage(DenseElementsAttr value) {
  Type element = value.getElementType();
  std::string bytes;
  if (element.isInteger(1)) {
    for (bool b : value.getValues<bool>())
      bytes.push_back(b);
    return bytes;
  }
  StringRef raw(value.getRawData().data(), value.getRawData().size());
  for (int64_t i = 0, n = value.isSplat() ? value.getNumElements() : 1; i < n;
       ++i)
    bytes += raw;
  if (isSubByte(element)) // one byte each, the upper bits clear
    for (char &c : bytes)
      c = extendedByte(static_cast<unsigned char>(c), element);
  return bytes;
}

void unpackElements(const std::byte *packed, int64_t count, Type element,
                    std::byte *to) {
  unsigned width = element.getIntOrFloatBitWidth(), perByte = 8 / width;
  unsigned mask = (1u << width) - 1;
  std::array<std::byte, 256> extended;
  for (unsigned bits = 0; bits <= mask; ++bits)
    extended[bits] = static_cast<std::byte>(extendedByte(bits, element));
  for (int64_t i = 0; i < count; ++i) {
    auto byte = std::to_integer<unsigned>(packed[i / perByte]);
    to[i] = extended[byte >> (i % perByte * width) & mask];
  }
}

Value fromMemory(CodeBuilder &k, Value stored, Type element) {
  if (isSmallFloat(element))
    return decodeSmallFloat(k, stored, cast<FloatType>(element));
  if (isa<FloatType>(element))
    stored = k.bitcast(stored, element);
  return k.convert(stored, computeType(element));
}

Value toMemory(CodeBuilder &k, Value computed, Type element) {
  if (isSmallFloat(element))
    return encodeSmallFloat(k, computed, cast<FloatType>(element), {});
  Type stored = memoryType(element);
  if (isa<FloatType>(element))
    return k.bitcast(k.convert(computed, element), stored);
  return k.convert(computed, stored, element.isUnsignedInteger());
}

namespace {

/// A float of a sign, exponent and mantissa as bits in a byte.
struct Format {
  unsigned exponent, mantissa; // bits
  int bias;
  unsigned largest;  // the magnitude of the largest finite number
  unsigned overflow; // what follows it: an infinity or NaN
  unsigned nan;
  bool oneZero; // 0x80 is NaN, and neither 0 nor NaN has a sign
};

Format formatOf(FloatType type) {
  if (isa<Float8E4M3FNType>(type))
    return {4, 3, 7, 0x7E, 0x7F, 0x7F, false};
  if (isa<Float8E4M3FNUZType>(type))
    return {4, 3, 8, 0x7F, 0x80, 0x80, true};
  if (isa<Float8E5M2Type>(type))
    return {5, 2, 15, 0x7B, 0x7C, 0x7E, false};
  if (isa<Float8E5M2FNUZType>(type))
    return {5, 2, 16, 0x7F, 0x80, 0x80, true};
  assert(isa<Float4E2M1FNType>(type) && "a float type that ONNX doesn't have");
  return {2, 1, 1, 7, 7, 8, false}; // neither infinities nor NaN
}

Value word(CodeBuilder &k, Value like, int64_t value) {
  return k.constantInt(k.like(like.getType(), k.i32()), value);
}

/// Powers of two without a sign: code c is 2^(c - 127), 255 is NaN.
Value encodeScale(CodeBuilder &k, Value x, SmallRounding rounding) {
  Value bits = k.bitAnd(k.bitcast(x, k.i32()), word(k, x, 0x7FFFFFFF));
  Value exponent = k.shrUnsigned(bits, word(k, x, 23)),
        fraction = k.bitAnd(bits, word(k, x, 0x7FFFFF));
  // Below 2^-126 an f32 has no leading one: 2^-127 is the fraction 0x400000.
  Value isTiny = k.eq(exponent, word(k, x, 0));
  auto from = [&](CmpI test, int64_t normal, int64_t tiny) {
    Value bound = k.select(isTiny, word(k, x, tiny), word(k, x, normal));
    return k.convert(k.cmp(test, fraction, bound), k.i32());
  };
  Value code = exponent;
  if (rounding.scale == ScaleRounding::Up)
    code = k.add(code, from(CmpI::ugt, 0, 0x400000));
  else if (rounding.scale == ScaleRounding::Nearest)
    code = k.add(code, from(CmpI::uge, 0x400000, 0x600000));
  Value infinity = word(k, x, 0x7F800000), nan = word(k, x, 255);
  if (rounding.saturate) {
    code = k.min(code, word(k, x, 254));
  } else {
    Value tooSmall = k.cmp(CmpI::ult, bits, word(k, x, 0x400000));
    code = k.select(tooSmall, nan, code);
    code = k.select(k.eq(bits, infinity), nan, code);
  }
  code = k.select(k.cmp(CmpI::ugt, bits, infinity), nan, code);
  return k.convert(code, k.i8());
}

Value decodeScale(CodeBuilder &k, Value bits) {
  Value code = k.convert(bits, k.i32(), /*isUnsigned=*/true);
  Value r = k.bitcast(k.shl(code, word(k, bits, 23)), k.f32());
  Type type = r.getType();
  r = k.select(k.eq(code, word(k, bits, 0)), k.constant(type, 0x1p-127), r);
  return k.select(k.eq(code, word(k, bits, 255)), k.constant(type, NAN), r);
}

} // namespace

Value encodeSmallFloat(CodeBuilder &k, Value x, FloatType type,
                       SmallRounding rounding) {
  x = elementType(x.getType()).isF64() ? roundToOdd(k, x)
                                       : k.convert(x, k.f32());
  if (isa<Float8E8M0FNUType>(type))
    return encodeScale(k, x, rounding);
  Format f = formatOf(type);
  Value bits = k.bitcast(x, k.i32());
  Value magnitude = k.bitAnd(bits, word(k, x, 0x7FFFFFFF));
  // The number in units of its last place, which below the normal numbers is
  // the place of the smallest one, rounded by adding 2^23.
  int64_t least = 128 - f.bias;
  Value exponent =
      k.max(k.shrUnsigned(magnitude, word(k, x, 23)), word(k, x, least));
  Value perUnit = k.bitcast(
      k.shl(k.sub(word(k, x, 254 + f.mantissa), exponent), word(k, x, 23)),
      k.f32());
  Value units = k.add(k.mul(k.bitcast(magnitude, k.f32()), perUnit),
                      k.constant(x.getType(), 0x1p23));
  Value count = k.sub(k.bitcast(units, k.i32()), word(k, x, 0x4B000000));
  // The leading one of a normal number adds 1 to the exponent field, and so
  // does a carry out of the mantissa.
  Value code = k.add(
      k.shl(k.sub(exponent, word(k, x, least)), word(k, x, f.mantissa)), count);
  code = k.select(k.cmp(CmpI::ugt, code, word(k, x, f.largest)),
                  word(k, x, rounding.saturate ? f.largest : f.overflow), code);
  Value isNaN = k.cmp(CmpF::UNO, x, x);
  code = k.select(isNaN, word(k, x, f.nan), code);
  Value sign = k.shl(k.shrUnsigned(bits, word(k, x, 31)),
                     word(k, x, int64_t(f.exponent) + f.mantissa));
  if (f.oneZero)
    sign = k.select(k.eq(k.bitAnd(code, word(k, x, 0x7F)), word(k, x, 0)),
                    word(k, x, 0), sign);
  return k.convert(k.bitOr(code, sign), k.i8());
}

Value decodeSmallFloat(CodeBuilder &k, Value bits, FloatType type) {
  if (isa<Float8E8M0FNUType>(type))
    return decodeScale(k, bits);
  Format f = formatOf(type);
  unsigned width = f.exponent + f.mantissa;
  Value code = k.convert(bits, k.i32(), /*isUnsigned=*/true);
  Value magnitude = k.bitAnd(code, word(k, bits, (int64_t(1) << width) - 1));
  // The fields at f32's places, with this format's bias.
  Value r =
      k.bitcast(k.shl(magnitude, word(k, bits, 23 - f.mantissa)), k.f32());
  Type real = r.getType();
  r = k.mul(r, k.constant(real, std::ldexp(1.0, 127 - f.bias)));
  if (!f.oneZero && f.overflow > f.largest) {
    r = k.select(k.cmp(CmpI::ugt, magnitude, word(k, bits, f.largest)),
                 k.constant(real, f.overflow == f.nan ? NAN : INFINITY), r);
    if (f.overflow != f.nan)
      r = k.select(k.cmp(CmpI::ugt, magnitude, word(k, bits, f.overflow)),
                   k.constant(real, NAN), r);
  }
  Value sign =
      k.shl(k.shrUnsigned(code, word(k, bits, width)), word(k, bits, 31));
  r = k.bitcast(k.bitOr(k.bitcast(r, k.i32()), sign), k.f32());
  if (f.oneZero)
    r = k.select(k.eq(code, word(k, bits, f.nan)), k.constant(real, NAN), r);
  return r;
}

} // namespace llmc
