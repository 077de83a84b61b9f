// SPDX-License-Identifier: Apache-2.0
// ONNX's element types: numbers, names and widths. Immutable tables.
#ifndef LLMC_FRONTEND_ONNX_READER_ELEMENTTYPE_H
#define LLMC_FRONTEND_ONNX_READER_ELEMENTTYPE_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace llmc::onnx {

/// TensorProto.DataType.
enum class ElementType : int32_t {
  Undefined = 0,
  Float = 1,
  Uint8 = 2,
  Int8 = 3,
  Uint16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Double = 11,
  Uint32 = 12,
  Uint64 = 13,
  Complex64 = 14,
  Complex128 = 15,
  Bfloat16 = 16,
  Float8E4M3FN = 17,
  Float8E4M3FNUZ = 18,
  Float8E5M2 = 19,
  Float8E5M2FNUZ = 20,
  Uint4 = 21,
  Int4 = 22,
  Float4E2M1 = 23,
  Float8E8M0 = 24,
  Uint2 = 25,
  Int2 = 26,
  Float6E2M3 = 27,
  Float6E3M2 = 28,
};

struct ElementTypeInfo {
  ElementType type;
  const char *name;     // as messages and `inspect` write it: f32, u8, f8e4m3fn
  const char *onnxName; // FLOAT, UINT8, FLOAT8E4M3FN
  unsigned bits;        // per element; 0: strings
};

/// Null for 0 and for unknown numbers.
const ElementTypeInfo *findElementType(int32_t dataType);
/// By the short name; null if there is none.
const ElementTypeInfo *findElementType(std::string_view name);
/// `f32`, or `element type 99` for an unknown number.
std::string elementTypeName(int32_t dataType);

/// `f32[2,3]`; of more than eight dimensions the beginning.
std::string describeType(int32_t dataType, std::span<const int64_t> dims);

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_ELEMENTTYPE_H
