// SPDX-License-Identifier: Apache-2.0
// How a tensor's element type lies in memory while a program runs, and in which
// type it is computed. Every element has bytes of its own: what ONNX packs
// several to a byte is unpacked where it enters and packed where it leaves
// (codegen/lowering/Packing.h). Pure functions.
#ifndef LLMC_CODEGEN_CPU_ELEMENTS_H
#define LLMC_CODEGEN_CPU_ELEMENTS_H

#include "codegen/cpu/CodeBuilder.h"
#include "mlir/IR/BuiltinAttributes.h"
#include <cstddef>
#include <string>

namespace llmc {

/// What a load gives: i1 for booleans (a byte in memory), i8 for integers below
/// a byte (sign- or zero-extended), the bits of floats below 32 bits as an
/// integer (not every target can move bf16); signless integers, f32 and f64 as
/// they are.
mlir::Type memoryType(mlir::Type element);
/// f32 for smaller floats, signless integers, i1 for booleans.
mlir::Type computeType(mlir::Type element);
/// Bytes of an element in memory.
int64_t memoryBytes(mlir::Type element);
/// Whether ONNX packs several elements into a byte.
bool isSubByte(mlir::Type element);
/// Whether it is a float below 16 bits, which has bits but no arithmetic.
bool isSmallFloat(mlir::Type element);

/// All elements as they lie in memory.
std::string memoryImage(mlir::DenseElementsAttr value);
/// `count` elements that ONNX packs, low bits first, as they lie in memory.
void unpackElements(const std::byte *packed, int64_t count, mlir::Type element,
                    std::byte *to);

/// Between values or vectors of the memory type and of the compute type.
/// toMemory rounds once, to nearest even; what is too large becomes an infinity
/// or NaN.
mlir::Value fromMemory(CodeBuilder &k, mlir::Value stored, mlir::Type element);
mlir::Value toMemory(CodeBuilder &k, mlir::Value computed, mlir::Type element);

/// How a conversion to a float below 16 bits treats what it has no value for:
/// ONNX's `saturate` and, of powers of two (f8e8m0) alone, `round_mode`.
enum class ScaleRounding { Up, Down, Nearest };
struct SmallRounding {
  bool saturate = false;
  ScaleRounding scale = ScaleRounding::Nearest;
};
/// f64 to the f32 that rounds to the same value of any smaller type as the f64
/// itself does: what is lost sticks in the last bit.
mlir::Value roundToOdd(CodeBuilder &k, mlir::Value x);
/// f32 or f64, rounded once, to the bits (i8) of a float below 16 bits, and
/// back.
mlir::Value encodeSmallFloat(CodeBuilder &k, mlir::Value x,
                             mlir::FloatType type, SmallRounding rounding);
mlir::Value decodeSmallFloat(CodeBuilder &k, mlir::Value bits,
                             mlir::FloatType type);

} // namespace llmc

#endif
