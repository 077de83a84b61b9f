// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/ElementTypes.h"

using namespace mlir;

namespace llmc::onnx {

static Type integer(MLIRContext *ctx, unsigned bits, bool isUnsigned) {
  return IntegerType::get(
      ctx, bits, isUnsigned ? IntegerType::Unsigned : IntegerType::Signless);
}

Type mlirType(MLIRContext *ctx, int32_t dataType) {
  switch (static_cast<ElementType>(dataType)) {
  case ElementType::Float:
    return Float32Type::get(ctx);
  case ElementType::Double:
    return Float64Type::get(ctx);
  case ElementType::Float16:
    return Float16Type::get(ctx);
  case ElementType::Bfloat16:
    return BFloat16Type::get(ctx);
  case ElementType::Bool:
    return IntegerType::get(ctx, 1);
  case ElementType::Int64:
    return integer(ctx, 64, false);
  case ElementType::Int32:
    return integer(ctx, 32, false);
  case ElementType::Int16:
    return integer(ctx, 16, false);
  case ElementType::Int8:
    return integer(ctx, 8, false);
  case ElementType::Int4:
    return integer(ctx, 4, false);
  case ElementType::Int2:
    return integer(ctx, 2, false);
  case ElementType::Uint64:
    return integer(ctx, 64, true);
  case ElementType::Uint32:
    return integer(ctx, 32, true);
  case ElementType::Uint16:
    return integer(ctx, 16, true);
  case ElementType::Uint8:
    return integer(ctx, 8, true);
  case ElementType::Uint4:
    return integer(ctx, 4, true);
  case ElementType::Uint2:
    return integer(ctx, 2, true);
  case ElementType::Float8E4M3FN:
    return Float8E4M3FNType::get(ctx);
  case ElementType::Float8E4M3FNUZ:
    return Float8E4M3FNUZType::get(ctx);
  case ElementType::Float8E5M2:
    return Float8E5M2Type::get(ctx);
  case ElementType::Float8E5M2FNUZ:
    return Float8E5M2FNUZType::get(ctx);
  case ElementType::Float8E8M0:
    return Float8E8M0FNUType::get(ctx);
  case ElementType::Float4E2M1:
    return Float4E2M1FNType::get(ctx);
  default:
    return {};
  }
}

int32_t dataTypeOf(Type type) {
  for (int32_t candidate = 1; findElementType(candidate); ++candidate)
    if (mlirType(type.getContext(), candidate) == type)
      return candidate;
  return 0;
}

/// Element i of packed bytes, first element in the low bits.
static uint64_t bitsAt(Bytes bytes, size_t i, unsigned width) {
  if (width < 8) {
    unsigned perByte = 8 / width;
    auto byte = std::to_integer<unsigned>(bytes[i / perByte]);
    return (byte >> (i % perByte * width)) & ((1u << width) - 1);
  }
  uint64_t value = 0;
  for (unsigned b = 0; b < width / 8; ++b)
    value |= std::to_integer<uint64_t>(bytes[i * (width / 8) + b]) << (8 * b);
  return value;
}

DenseElementsAttr denseElements(RankedTensorType type, Bytes bytes) {
  Type element = type.getElementType();
  bool isBool = element.isInteger(1);
  unsigned width = isBool ? 8 : element.getIntOrFloatBitWidth();
  SmallVector<APInt> values;
  size_t count = type.getNumElements();
  for (size_t i = 0; i < count; ++i) {
    uint64_t bits = bitsAt(bytes, i, width);
    values.emplace_back(isBool ? 1 : width, isBool ? bits != 0 : bits);
  }
  auto floats = dyn_cast<FloatType>(element);
  if (!floats)
    return DenseElementsAttr::get(type, values);
  SmallVector<APFloat> numbers;
  for (const APInt &bits : values)
    numbers.emplace_back(floats.getFloatSemantics(), bits);
  return DenseElementsAttr::get(type, numbers);
}

DenseElementsAttr denseInts(RankedTensorType type, ArrayRef<int64_t> values) {
  unsigned width = type.getElementTypeBitWidth();
  SmallVector<APInt> bits;
  for (int64_t v : values)
    bits.push_back(APInt(64, static_cast<uint64_t>(v)).trunc(width));
  return DenseElementsAttr::get(type, bits);
}

static APFloat rounded(FloatType element, double value) {
  APFloat number(value);
  bool lost;
  number.convert(element.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                 &lost);
  return number;
}

DenseElementsAttr denseFloats(RankedTensorType type, ArrayRef<double> values) {
  auto element = cast<FloatType>(type.getElementType());
  SmallVector<APFloat> numbers;
  for (double v : values)
    numbers.push_back(rounded(element, v));
  return DenseElementsAttr::get(type, numbers);
}

DenseElementsAttr splatFloat(RankedTensorType type, double value) {
  return DenseElementsAttr::get(
      type, rounded(cast<FloatType>(type.getElementType()), value));
}

} // namespace llmc::onnx
