// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/Memory.h"
#include "runtime/core/Cgroup.h"
#include <algorithm>
#include <atomic>
#include <fstream>
#include <sys/mman.h>
#include <sys/sysinfo.h>

namespace llmc {

static constexpr uint64_t pageSize = 4096;
static constexpr uint64_t hugePage = uint64_t(2) << 20;
static std::atomic<uint64_t> allocations = 0;

uint64_t bufferAllocations() { return allocations.load(); }

static uint64_t readMemoryLimit() {
  struct sysinfo info = {};
  if (sysinfo(&info) != 0)
    return UINT64_MAX;
  uint64_t limit = (uint64_t(info.totalram) + info.totalswap) * info.mem_unit;
  forEachCgroup([&](const std::string &folder) {
    uint64_t most = 0;
    if (std::ifstream(folder + "/memory.max") >> most) // "max" is no number
      limit = std::min(limit, most);
  });
  return limit;
}

uint64_t memoryLimit() {
  static const uint64_t limit = readMemoryLimit();
  return limit;
}

bool Buffer::reserve(uint64_t bytes) {
  if (bytes <= capacity_)
    return true;
  return reserveExact(std::max(bytes, capacity_ + capacity_ / 2)) ||
         reserveExact(bytes);
}

bool Buffer::reserveExact(uint64_t bytes) {
  if (bytes <= capacity_)
    return true;
  if (bytes > (uint64_t(1) << 46))
    return false;
  uint64_t size = (bytes + pageSize - 1) / pageSize * pageSize;
  void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return false;
  if (size >= hugePage)
    madvise(memory, size, MADV_HUGEPAGE);
  reset();
  data_ = memory;
  capacity_ = size;
  allocations.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Buffer::reset() {
  if (data_)
    munmap(data_, capacity_);
  data_ = nullptr;
  capacity_ = 0;
}

} // namespace llmc
