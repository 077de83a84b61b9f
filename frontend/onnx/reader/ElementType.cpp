// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/reader/ElementType.h"

#include <fmt/format.h>

namespace llmc::onnx {

namespace {
constexpr ElementTypeInfo table[] = {
    {ElementType::Float, "f32", "FLOAT", 32},
    {ElementType::Uint8, "u8", "UINT8", 8},
    {ElementType::Int8, "i8", "INT8", 8},
    {ElementType::Uint16, "u16", "UINT16", 16},
    {ElementType::Int16, "i16", "INT16", 16},
    {ElementType::Int32, "i32", "INT32", 32},
    {ElementType::Int64, "i64", "INT64", 64},
    {ElementType::String, "string", "STRING", 0},
    {ElementType::Bool, "bool", "BOOL", 8},
    {ElementType::Float16, "f16", "FLOAT16", 16},
    {ElementType::Double, "f64", "DOUBLE", 64},
    {ElementType::Uint32, "u32", "UINT32", 32},
    {ElementType::Uint64, "u64", "UINT64", 64},
    {ElementType::Complex64, "c64", "COMPLEX64", 64},
    {ElementType::Complex128, "c128", "COMPLEX128", 128},
    {ElementType::Bfloat16, "bf16", "BFLOAT16", 16},
    {ElementType::Float8E4M3FN, "f8e4m3fn", "FLOAT8E4M3FN", 8},
    {ElementType::Float8E4M3FNUZ, "f8e4m3fnuz", "FLOAT8E4M3FNUZ", 8},
    {ElementType::Float8E5M2, "f8e5m2", "FLOAT8E5M2", 8},
    {ElementType::Float8E5M2FNUZ, "f8e5m2fnuz", "FLOAT8E5M2FNUZ", 8},
    {ElementType::Uint4, "u4", "UINT4", 4},
    {ElementType::Int4, "i4", "INT4", 4},
    {ElementType::Float4E2M1, "f4e2m1", "FLOAT4E2M1", 4},
    {ElementType::Float8E8M0, "f8e8m0", "FLOAT8E8M0", 8},
    {ElementType::Uint2, "u2", "UINT2", 2},
    {ElementType::Int2, "i2", "INT2", 2},
    {ElementType::Float6E2M3, "f6e2m3", "FLOAT6E2M3", 6},
    {ElementType::Float6E3M2, "f6e3m2", "FLOAT6E3M2", 6},
};
} // namespace

const ElementTypeInfo *findElementType(int32_t dataType) {
  return dataType >= 1 && dataType <= static_cast<int32_t>(std::size(table))
             ? &table[dataType - 1]
             : nullptr;
}

const ElementTypeInfo *findElementType(std::string_view name) {
  for (const ElementTypeInfo &info : table)
    if (name == info.name)
      return &info;
  return nullptr;
}

std::string elementTypeName(int32_t dataType) {
  const ElementTypeInfo *info = findElementType(dataType);
  return info ? info->name : fmt::format("element type {}", dataType);
}

std::string describeType(int32_t dataType, std::span<const int64_t> dims) {
  constexpr size_t shown = 8;
  std::string out = elementTypeName(dataType) + "[";
  for (size_t i = 0; i < dims.size() && i < shown; ++i)
    out += fmt::format("{}{}", i ? "," : "", dims[i]);
  if (dims.size() > shown)
    out += fmt::format(",... {} dimensions", dims.size());
  return out + "]";
}

} // namespace llmc::onnx
