// SPDX-License-Identifier: Apache-2.0
// Names and sizes of the element types of abi.h (LlmcDType). Stateless.
#ifndef LLMC_RUNTIME_CORE_DTYPE_H
#define LLMC_RUNTIME_CORE_DTYPE_H

#include "runtime/include/llmc/abi.h"
#include <optional>
#include <string_view>

namespace llmc {

/// "f32", "bf16", "i4", ...; "none" for what is not a type.
const char *dtypeName(int32_t dtype);
std::optional<int32_t> dtypeFromName(std::string_view name);
/// Bits of one element; 0 for strings and what is not a type.
int dtypeBits(int32_t dtype);
/// Bytes of a packed tensor of `elements` elements.
inline int64_t dtypeBytes(int32_t dtype, int64_t elements) {
  int64_t bits = dtypeBits(dtype);
  return bits % 8 == 0 ? elements * (bits / 8) : (elements * bits + 7) / 8;
}
/// The product of dims, or nothing when a dim is negative or the product
/// exceeds 2^62.
std::optional<int64_t> elementCount(const int64_t *dims, int64_t rank);

} // namespace llmc

#endif
