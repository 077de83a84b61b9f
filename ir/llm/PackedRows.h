// SPDX-License-Identifier: Apache-2.0
// How a row of numbers lies in bytes as integers with scales
// (llm.PackedRowsAttr): what caches of 8 or 4 bits are made of. Numbers alone;
// shared by the dialect, the kernels and their tests.
#ifndef LLMC_IR_LLM_PACKEDROWS_H
#define LLMC_IR_LLM_PACKEDROWS_H

#include <cstdint>

namespace llmc::llm {

/// Numbers whose integers lie together: a kernel's step.
inline constexpr int64_t packedUnit = 32;

/// [integers][scales], whole words of 4 bytes. A scale is an f16 s, and a
/// number is
///   of 8 bits: s * q, q signed. Number d is byte d.
///   of 4 bits: s * q + m, q unsigned; the minimum m is an f16 behind its
///   scale. Byte i of a unit holds its number i in the low half and number
///   i + 16 in the high one.
/// Integers are filled up to 16 bytes, so that loads of 16 numbers stay inside.
struct PackedRows {
  int64_t bits = 0;  ///< 8 or 4; 0: rows are floats
  int64_t block = 0; ///< numbers that share a scale: whole units
  int64_t size = 0;  ///< numbers of a row

  explicit operator bool() const { return bits; }
  bool operator==(const PackedRows &) const = default;
  bool hasMinima() const { return bits == 4; }
  int64_t blocks() const { return (size + block - 1) / block; }
  int64_t unitBytes() const { return packedUnit * bits / 8; }
  int64_t integerBytes() const {
    return hasMinima() ? (size + 31) / 32 * 16 : (size + 15) / 16 * 16;
  }
  int64_t scaleBytes() const { return hasMinima() ? 4 : 2; }
  int64_t bytes() const {
    return integerBytes() + (blocks() * scaleBytes() + 3) / 4 * 4;
  }
};

} // namespace llmc::llm

#endif
