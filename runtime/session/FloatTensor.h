// SPDX-License-Identifier: Apache-2.0
// Elements of tensors of f32, f16 or bf16, as f32. Stateless.
#ifndef LLMC_RUNTIME_SESSION_FLOATTENSOR_H
#define LLMC_RUNTIME_SESSION_FLOATTENSOR_H

#include "runtime/core/Memory.h"
#include "runtime/core/Status.h"
#include "runtime/include/llmc/abi.h"
#include <span>

namespace llmc {

bool isFloat(const LlmcTensor &tensor);
float elementAt(const LlmcTensor &tensor, int64_t index);

/// The elements [first, first + count), which must be there: in place where
/// they are f32, else written to `room`.
Result<std::span<const float>> floatsOf(const LlmcTensor &tensor, size_t first,
                                        size_t count, Buffer &room);

} // namespace llmc

#endif
