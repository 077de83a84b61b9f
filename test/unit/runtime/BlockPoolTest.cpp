// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/BlockPool.h"
#include "runtime/core/Memory.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace llmc;

TEST_CASE(
    "blocks of about the same size are used again, in a run and the next") {
  BlockPool pool;
  void *a = pool.take(1000), *b = pool.take(1000);
  REQUIRE((a && b && a != b));
  CHECK(reinterpret_cast<uintptr_t>(a) % 64 == 0);
  memset(a, 1, 1000);
  pool.giveBack(a);
  CHECK(pool.take(900) == a);
  pool.giveBack(a);
  void *small = pool.take(10); // would waste too much of it
  CHECK(small != a);
  pool.endRun(); // with b and small still taken
  void *again = pool.take(1000);
  CHECK((again == a || again == b));
  pool.endRun();
}

TEST_CASE("a pool keeps no more spare memory than what is in use") {
  BlockPool pool;
  void *last = pool.take(1 << 10);
  // As in a loop that appends: every block is larger than the one before.
  for (uint64_t n = 2; n < 2000; ++n) {
    void *next = pool.take(n << 12);
    REQUIRE(next);
    pool.giveBack(last);
    last = next;
  }
  pool.giveBack(last);
  pool.giveBack(last); // twice, or never taken: ignored
  pool.giveBack(&pool);
}

TEST_CASE("a block that cannot be had is null") {
  BlockPool pool;
  CHECK(pool.take(uint64_t(1) << 62) == nullptr);
  CHECK(memoryLimit() > (uint64_t(64) << 20));
  CHECK(memoryLimit() < (uint64_t(1) << 60));
}
