// SPDX-License-Identifier: Apache-2.0
// f16 and bf16 to f32. Stateless.
#ifndef LLMC_RUNTIME_CORE_HALF_H
#define LLMC_RUNTIME_CORE_HALF_H

#include <bit>
#include <cstdint>

namespace llmc {

inline float bf16ToFloat(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

inline float f16ToFloat(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16, exponent = bits >> 10 & 31,
           mantissa = bits & 0x3FF;
  if (exponent == 31)
    return std::bit_cast<float>(sign | 0x7F800000 | mantissa << 13);
  if (exponent == 0) {
    float tiny = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -tiny : tiny;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

} // namespace llmc

#endif
