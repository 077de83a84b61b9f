// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/ThreadPool.h"
#include <catch2/catch.hpp>
#include <numeric>
#include <sched.h>
#include <unistd.h>

using namespace llmc;

static int32_t count(const int64_t *args, int64_t begin, int64_t end,
                     int64_t worker) {
  auto *hits = reinterpret_cast<int32_t *>(args[0]);
  auto *inUse = reinterpret_cast<std::atomic<int> *>(args[1]);
  // A worker's number is unique among the calls that run at the same time.
  if (inUse[worker].fetch_add(1) != 0)
    return LLMC_FAIL_OVERFLOW;
  for (int64_t i = begin; i < end; ++i)
    ++hits[i];
  inUse[worker].fetch_sub(1);
  return args[2] >= begin && args[2] < end ? LLMC_FAIL_SHAPE : LLMC_OK;
}

TEST_CASE("every index runs exactly once, whatever the sizes") {
  for (int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    std::vector<std::atomic<int>> inUse(static_cast<size_t>(threads));
    for (int round = 0; round < 300; ++round) {
      int64_t n = round * 7 % 1000, grain = 1 + round % 13;
      std::vector<int32_t> hits(static_cast<size_t>(n) + 1);
      int64_t args[] = {reinterpret_cast<int64_t>(hits.data()),
                        reinterpret_cast<int64_t>(inUse.data()), -1};
      REQUIRE(pool.run(count, args, n, grain) == LLMC_OK);
      REQUIRE(std::accumulate(hits.begin(), hits.end(), 0) == n);
      REQUIRE(*std::max_element(hits.begin(), hits.end()) == (n > 0));
      if (round % 100 == 50)
        usleep(2000); // the workers go to sleep
    }
  }
}

static int32_t crowd(const int64_t *args, int64_t, int64_t, int64_t worker) {
  auto *seen = reinterpret_cast<std::atomic<int> *>(args[0]);
  if (worker == 0) {
    usleep(100); // leaves ranges to the worker
    return LLMC_OK;
  }
  int cpu = static_cast<int>(args[1]), none = -1;
  if (seen->compare_exchange_strong(none, -2)) { // onto the caller's CPU
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<size_t>(cpu), &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0)
      return LLMC_FAIL_SHAPE;
  } else {
    *seen = sched_getcpu();
  }
  return LLMC_OK;
}

TEST_CASE("a worker leaves the CPU of the caller") {
  cpu_set_t allowed;
  REQUIRE(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
  if (CPU_COUNT(&allowed) < 2)
    return;
  ThreadPool pool(2);
  int cpu = sched_getcpu();
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(cpu), &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  std::atomic<int> seen = -1;
  int64_t args[] = {reinterpret_cast<int64_t>(&seen), cpu};
  // The first job of the worker puts it here, the next finds it elsewhere.
  for (int job = 0; job < 1000 && (seen < 0 || seen == cpu); ++job)
    CHECK(pool.run(crowd, args, 32, 1) == LLMC_OK);
  CHECK(seen >= 0);
  CHECK(seen != cpu);
  REQUIRE(sched_setaffinity(0, sizeof allowed, &allowed) == 0);
}

TEST_CASE("a failure comes back and the rest still runs") {
  ThreadPool pool(3);
  std::vector<std::atomic<int>> inUse(3);
  std::vector<int32_t> hits(100);
  int64_t args[] = {reinterpret_cast<int64_t>(hits.data()),
                    reinterpret_cast<int64_t>(inUse.data()), 50};
  CHECK(pool.run(count, args, 100, 1) == LLMC_FAIL_SHAPE);
  CHECK(pool.run(count, args, 40, 1) == LLMC_OK);
}

TEST_CASE("several threads may use one pool") {
  ThreadPool pool(2);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int c = 0; c < 3; ++c)
    callers.emplace_back([&] {
      std::vector<std::atomic<int>> inUse(2);
      for (int round = 0; round < 500; ++round) {
        std::vector<int32_t> hits(64);
        int64_t args[] = {reinterpret_cast<int64_t>(hits.data()),
                          reinterpret_cast<int64_t>(inUse.data()), -1};
        wrong += pool.run(count, args, 64, 1) != LLMC_OK ||
                 std::accumulate(hits.begin(), hits.end(), 0) != 64;
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  CHECK(wrong == 0);
}

TEST_CASE("the default is at least one thread") {
  CHECK(defaultThreads() >= 1);
}
