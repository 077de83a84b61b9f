// SPDX-License-Identifier: Apache-2.0
// A sequence that an entry gives: the array of its tensors and their memory,
// kept for the next run. One thread at a time.
#ifndef LLMC_RUNTIME_SESSION_OUTPUTSEQUENCE_H
#define LLMC_RUNTIME_SESSION_OUTPUTSEQUENCE_H

#include "runtime/include/llmc/abi.h"
#include <cstdlib>
#include <memory>
#include <vector>

namespace llmc {

class OutputSequence {
public:
  /// Room for so many tensors of a type, without sizes yet; false: out of
  /// memory.
  bool start(int64_t count, int32_t dtype);
  int64_t size() const { return static_cast<int64_t>(tensors_.size()); }
  LlmcTensor *tensors() { return tensors_.data(); }
  /// The memory of a tensor, 64-byte aligned; null: out of memory.
  void *reserve(int64_t position, uint64_t bytes);

private:
  struct Free {
    void operator()(void *data) const { free(data); }
  };
  struct Block {
    std::unique_ptr<void, Free> data;
    uint64_t bytes = 0;
  };
  std::vector<LlmcTensor> tensors_;
  std::vector<Block> blocks_; // by position
};

} // namespace llmc

#endif
