// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/BlockPool.h"
#include <algorithm>
#include <cstdlib>
#include <new>

namespace llmc {

BlockPool::~BlockPool() {
  endRun();
  trim(0);
}

/// Frees the oldest spare blocks until no more than `limit` bytes are left.
void BlockPool::trim(uint64_t limit) {
  auto it = spare_.begin();
  for (; it != spare_.end() && spareBytes_ > limit; ++it) {
    spareBytes_ -= it->bytes;
    free(it->data);
  }
  spare_.erase(spare_.begin(), it);
}

void *BlockPool::take(uint64_t bytes) try {
  // Room first: nothing may throw once a block is in hand.
  taken_.reserve(taken_.size() + 1);
  spare_.reserve(spare_.size() + taken_.size() + 1);
  auto best = spare_.end();
  for (auto it = spare_.begin(); it != spare_.end(); ++it)
    if (it->bytes >= bytes && it->bytes / 2 <= bytes &&
        (best == spare_.end() || it->bytes < best->bytes))
      best = it;
  Block block = {nullptr, bytes, run_};
  if (best != spare_.end()) {
    block = {best->data, best->bytes, run_};
    spareBytes_ -= best->bytes;
    spare_.erase(best);
  } else {
    // No more is kept than what is in use, however sizes change.
    trim(takenBytes_ + bytes);
    if (posix_memalign(&block.data, 64, bytes) != 0) {
      trim(0);
      if (posix_memalign(&block.data, 64, bytes) != 0)
        return nullptr;
    }
  }
  takenBytes_ += block.bytes;
  taken_.push_back(block);
  return block.data;
} catch (const std::bad_alloc &) {
  return nullptr;
}

void BlockPool::giveBack(void *data) {
  // The newest is given back first, most of the time.
  auto it = std::find_if(taken_.rbegin(), taken_.rend(),
                         [&](const Block &b) { return b.data == data; });
  if (it == taken_.rend())
    return;
  takenBytes_ -= it->bytes;
  spareBytes_ += it->bytes;
  spare_.push_back(*it);
  taken_.erase(std::next(it).base());
}

void BlockPool::endRun() {
  while (!taken_.empty())
    giveBack(taken_.back().data);
  std::erase_if(spare_, [&](const Block &b) {
    if (b.run == run_)
      return false;
    spareBytes_ -= b.bytes;
    free(b.data);
    return true;
  });
  ++run_;
}

} // namespace llmc
