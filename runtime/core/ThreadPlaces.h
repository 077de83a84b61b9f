// SPDX-License-Identifier: Apache-2.0
// Keeps the threads of a pool on different CPUs. Where other programs run, a
// scheduler may leave two of them on one CPU for seconds, and the pool computes
// at half its speed. Used by ThreadPool; each thread calls with its own number.
#ifndef LLMC_RUNTIME_CORE_THREADPLACES_H
#define LLMC_RUNTIME_CORE_THREADPLACES_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <sched.h>

namespace llmc {

class ThreadPlaces {
public:
  /// The CPUs are those that the calling thread may use.
  explicit ThreadPlaces(int threads);

  /// The calling thread runs where it runs: one that is not the pool's own.
  void note(int64_t thread) { places_[thread].cpu = sched_getcpu(); }
  /// The calling thread moves where a thread of a lower number was seen on its
  /// CPU and another CPU is free: from then on it may not come back to those
  /// that were in use.
  void settle(int64_t thread);

private:
  struct alignas(64) Place {
    std::atomic<int> cpu = -1; ///< where the thread was seen last
  };

  int64_t count_;
  std::unique_ptr<Place[]> places_;
  cpu_set_t allowed_; ///< empty where they cannot be told
};

} // namespace llmc

#endif
