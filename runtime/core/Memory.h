// SPDX-License-Identifier: Apache-2.0
// Buffers that are kept and grown. A buffer belongs to one thread at a time.
#ifndef LLMC_RUNTIME_CORE_MEMORY_H
#define LLMC_RUNTIME_CORE_MEMORY_H

#include <cstddef>
#include <cstdint>
#include <utility>

namespace llmc {

/// How often a Buffer of this process has taken memory; for tests that a decode
/// step takes none.
uint64_t bufferAllocations();

/// The memory that this process can ever have: the machine's with its swap, or
/// what its control groups leave of it. One block above it is refused, since
/// taking it would only fail when it is written.
uint64_t memoryLimit();

/// Memory that only grows, 64-byte aligned. What was in it is lost when it
/// grows.
class Buffer {
public:
  Buffer() = default;
  ~Buffer() { reset(); }
  Buffer(Buffer &&other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer &operator=(Buffer &&other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }

  /// At least `bytes`, zeroed when new; false: out of memory. Grows by half at
  /// least, so that a size that creeps up costs few allocations; pages are only
  /// taken when touched.
  bool reserve(uint64_t bytes);
  /// Exactly `bytes` at first use, without room to grow.
  bool reserveExact(uint64_t bytes);
  void reset();

  template <typename T = std::byte> T *as() const {
    return static_cast<T *>(data_);
  }
  uint64_t capacity() const { return capacity_; }

private:
  void *data_ = nullptr;
  uint64_t capacity_ = 0;
};

} // namespace llmc

#endif
