// SPDX-License-Identifier: Apache-2.0
// Blocks of sizes that only a run itself says, such as what a mask selects.
// Released blocks serve the next ones of about their size, so that runs on
// similar data take no memory. One thread at a time.
#ifndef LLMC_RUNTIME_CORE_BLOCKPOOL_H
#define LLMC_RUNTIME_CORE_BLOCKPOOL_H

#include <cstdint>
#include <vector>

namespace llmc {

class BlockPool {
public:
  BlockPool() = default;
  ~BlockPool();
  BlockPool(const BlockPool &) = delete;
  BlockPool &operator=(const BlockPool &) = delete;

  /// At least `bytes` (above 0), 64-byte aligned; null: out of memory.
  void *take(uint64_t bytes);
  /// Anything that take() did not give is ignored.
  void giveBack(void *data);
  /// What is still taken is given back; blocks that the run did not use go.
  void endRun();

private:
  struct Block {
    void *data;
    uint64_t bytes;
    uint64_t run; // that used it last
  };
  void trim(uint64_t limit);
  std::vector<Block> taken_, spare_; // the oldest first
  uint64_t takenBytes_ = 0, spareBytes_ = 0, run_ = 0;
};

} // namespace llmc

#endif
