// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/FloatTensor.h"
#include "runtime/core/Half.h"

namespace llmc {

bool isFloat(const LlmcTensor &tensor) {
  return tensor.dtype == LLMC_F32 || tensor.dtype == LLMC_F16 ||
         tensor.dtype == LLMC_BF16;
}

float elementAt(const LlmcTensor &tensor, int64_t index) {
  if (tensor.dtype == LLMC_F32)
    return static_cast<const float *>(tensor.data)[index];
  uint16_t bits = static_cast<const uint16_t *>(tensor.data)[index];
  return tensor.dtype == LLMC_F16 ? f16ToFloat(bits) : bf16ToFloat(bits);
}

Result<std::span<const float>> floatsOf(const LlmcTensor &tensor, size_t first,
                                        size_t count, Buffer &room) {
  if (tensor.dtype == LLMC_F32)
    return std::span(static_cast<const float *>(tensor.data) + first, count);
  if (!room.reserve(count * sizeof(float)))
    return Status(Code::Resource, "out of memory");
  auto *floats = room.as<float>();
  for (size_t i = 0; i < count; ++i)
    floats[i] = elementAt(tensor, static_cast<int64_t>(first + i));
  return std::span<const float>(floats, count);
}

} // namespace llmc
