// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/OutputSequence.h"
#include "runtime/core/Memory.h"
#include <new>

namespace llmc {

bool OutputSequence::start(int64_t count, int32_t dtype) try {
  tensors_.clear();
  auto size = static_cast<uint64_t>(count > 0 ? count : 0);
  if (size > memoryLimit() / sizeof(LlmcTensor))
    return false;
  tensors_.resize(size, LlmcTensor{nullptr, dtype, 0, {}});
  // Memory of tensors that are gone goes, too.
  blocks_.resize(size);
  return true;
} catch (const std::bad_alloc &) {
  return false;
}

void *OutputSequence::reserve(int64_t position, uint64_t bytes) {
  Block &block = blocks_[static_cast<size_t>(position)];
  if (block.bytes >= bytes)
    return block.data.get();
  block = {};
  void *data = nullptr;
  if (bytes > memoryLimit() || posix_memalign(&data, 64, bytes) != 0)
    return nullptr;
  block.data.reset(data);
  block.bytes = bytes;
  return data;
}

} // namespace llmc
