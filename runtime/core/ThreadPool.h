// SPDX-License-Identifier: Apache-2.0
// The threads that run kernels. A pool may be shared by sessions on any
// threads: one job runs at a time, a caller that finds the pool busy runs its
// job alone. Owned by whoever creates it; must outlive its jobs.
#ifndef LLMC_RUNTIME_CORE_THREADPOOL_H
#define LLMC_RUNTIME_CORE_THREADPOOL_H

#include "runtime/core/ThreadPlaces.h"
#include "runtime/include/llmc/abi.h"
#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace llmc {

/// Physical cores that this process may use: its affinity mask and its cgroup's
/// quota, one per pair of hyperthreads.
int defaultThreads();

class ThreadPool {
public:
  /// `threads` in all, the caller of run() included; at least 1.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Cuts [0, count) into ranges of at least `grain` and runs the kernel over
  /// them, here and on the workers. Returns LLMC_OK or the smallest non-zero
  /// result. Allocates nothing.
  int32_t run(LlmcKernel kernel, const int64_t *args, int64_t count,
              int64_t grain);

private:
  void work(int64_t worker);
  void runRanges(int64_t worker);
  bool waitForJob(uint32_t &seen);
  void publish(uint64_t ranges);

  // A job. Written only while no range of the last one is unclaimed or running.
  std::atomic<LlmcKernel> kernel_ = nullptr;
  std::atomic<const int64_t *> args_ = nullptr;
  std::atomic<int64_t> count_ = 0;
  std::atomic<int64_t> size_ = 0; // of a range
  std::atomic<uint32_t> ranges_ = 0;

  // High half: the job's number; low half: how many of its ranges are left to
  // claim. A claim is a compare-and-swap on a ticket with ranges left, so its
  // job cannot have ended since the ticket was read: the fields are that job's.
  alignas(64) std::atomic<uint64_t> ticket_ = 0;
  alignas(64) std::atomic<uint32_t> done_ = 0; // ranges finished
  std::atomic<int32_t> result_ = 0;
  alignas(64) std::atomic<uint32_t> epoch_ =
      0; // raised by every job; workers sleep on it
  std::atomic<int32_t> sleepers_ = 0;
  std::atomic<bool> stop_ = false;

  ThreadPlaces places_;
  std::mutex busy_;
  std::vector<std::thread> workers_;
};

} // namespace llmc

#endif
