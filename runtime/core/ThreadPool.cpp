// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/ThreadPool.h"
#include <algorithm>
#include <chrono>
#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace llmc {

// A decode step starts a job every few microseconds: workers spin this long
// before they sleep.
static constexpr auto spinTime = std::chrono::microseconds(100);
// More ranges than threads, so that a slow thread holds up the others less:
// what is left at a job's end is at most a range.
static constexpr int64_t rangesPerThread = 16;

static void pauseCpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  __asm__ volatile("yield");
#endif
}

static void futexWait(std::atomic<uint32_t> &word, uint32_t expected) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

static void futexWakeAll(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

ThreadPool::ThreadPool(int threads) : places_(std::max(threads, 1)) {
  for (int64_t worker = 1; worker < threads; ++worker)
    workers_.emplace_back([this, worker] { work(worker); });
}

ThreadPool::~ThreadPool() {
  stop_ = true;
  epoch_.fetch_add(1);
  futexWakeAll(epoch_);
  for (std::thread &thread : workers_)
    thread.join();
}

int32_t ThreadPool::run(LlmcKernel kernel, const int64_t *args, int64_t count,
                        int64_t grain) {
  if (count <= 0)
    return LLMC_OK;
  grain = std::max<int64_t>(grain, 1);
  std::unique_lock<std::mutex> lock(busy_, std::defer_lock);
  if (workers_.empty() || count <= grain || !lock.try_lock())
    return kernel(args, 0, count, 0);
  int64_t pieces = threads() * rangesPerThread;
  int64_t size = std::max(grain, (count - 1) / pieces + 1);
  uint64_t ranges = static_cast<uint64_t>((count - 1) / size + 1);
  kernel_.store(kernel, std::memory_order_relaxed);
  args_.store(args, std::memory_order_relaxed);
  count_.store(count, std::memory_order_relaxed);
  size_.store(size, std::memory_order_relaxed);
  done_.store(0, std::memory_order_relaxed);
  places_.note(0);
  result_.store(LLMC_OK, std::memory_order_relaxed);
  publish(ranges);
  runRanges(0);
  for (int spins = 0; done_.load(std::memory_order_acquire) != ranges;
       ++spins) {
    pauseCpu();
    // With more threads than cores the last range may wait for this one.
    if (spins % 1024 == 1023)
      std::this_thread::yield();
  }
  return result_.load(std::memory_order_relaxed);
}

void ThreadPool::publish(uint64_t ranges) {
  ranges_.store(static_cast<uint32_t>(ranges), std::memory_order_relaxed);
  uint64_t job = (ticket_.load(std::memory_order_relaxed) >> 32) + 1;
  ticket_.store(job << 32 | ranges, std::memory_order_release);
  // Sequentially consistent with waitForJob: either it sees the new epoch or
  // this sees the sleeper.
  epoch_.fetch_add(1);
  if (sleepers_.load() > 0)
    futexWakeAll(epoch_);
}

void ThreadPool::runRanges(int64_t worker) {
  for (;;) {
    uint64_t ticket = ticket_.load(std::memory_order_acquire);
    LlmcKernel kernel = kernel_.load(std::memory_order_relaxed);
    const int64_t *args = args_.load(std::memory_order_relaxed);
    int64_t count = count_.load(std::memory_order_relaxed);
    int64_t size = size_.load(std::memory_order_relaxed);
    int64_t left = static_cast<int64_t>(ticket & UINT32_MAX);
    if (left == 0)
      return;
    int64_t range = ranges_.load(std::memory_order_relaxed) - left;
    if (!ticket_.compare_exchange_weak(ticket, ticket - 1,
                                       std::memory_order_acq_rel))
      continue;
    int32_t result =
        kernel(args, range * size, std::min(count, (range + 1) * size), worker);
    if (result != LLMC_OK) {
      int32_t seen = result_.load();
      while ((seen == LLMC_OK || result < seen) &&
             !result_.compare_exchange_weak(seen, result)) {
      }
    }
    done_.fetch_add(1, std::memory_order_acq_rel);
  }
}

/// False: the pool ends.
bool ThreadPool::waitForJob(uint32_t &seen) {
  auto start = std::chrono::steady_clock::now();
  for (uint32_t spins = 1; epoch_.load(std::memory_order_acquire) == seen;
       ++spins) {
    pauseCpu();
    if (spins % 64 != 0 || std::chrono::steady_clock::now() - start < spinTime)
      continue;
    sleepers_.fetch_add(1);
    while (epoch_.load() == seen)
      futexWait(epoch_, seen);
    sleepers_.fetch_sub(1);
  }
  seen = epoch_.load();
  return !stop_.load();
}

void ThreadPool::work(int64_t worker) {
  uint32_t seen = 0;
  while (waitForJob(seen)) {
    places_.settle(worker);
    runRanges(worker);
  }
}

} // namespace llmc
