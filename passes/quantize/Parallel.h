// SPDX-License-Identifier: Apache-2.0
// Work on independent parts of a matrix, on several threads: for the algorithms
// of this phase, whose results depend on no order of the parts.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace llmc::quantize {

/// Calls f(i) for i in [0, count) on up to `jobs` threads; f does not throw.
template <class F> void parallelFor(int64_t count, unsigned jobs, F f) {
  std::atomic<int64_t> next = 0;
  auto work = [&] {
    for (int64_t i = next++; i < count; i = next++)
      f(i);
  };
  std::vector<std::thread> threads;
  for (int64_t t = 1; t < jobs && t < count; ++t)
    threads.emplace_back(work);
  work();
  for (std::thread &t : threads)
    t.join();
}

} // namespace llmc::quantize
