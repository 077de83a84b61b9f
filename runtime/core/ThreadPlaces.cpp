// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/ThreadPlaces.h"

namespace llmc {

ThreadPlaces::ThreadPlaces(int threads)
    : count_(threads),
      places_(std::make_unique<Place[]>(static_cast<size_t>(threads))) {
  CPU_ZERO(&allowed_);
  if (sched_getaffinity(0, sizeof allowed_, &allowed_) != 0)
    CPU_ZERO(&allowed_);
}

void ThreadPlaces::settle(int64_t thread) {
  note(thread);
  int here = places_[thread].cpu;
  bool shared = false;
  for (int64_t other = 0; other < thread; ++other)
    shared |= places_[other].cpu == here;
  if (!shared)
    return;
  cpu_set_t free = allowed_;
  for (int64_t other = 0; other < count_; ++other)
    if (int cpu = places_[other].cpu; other != thread && cpu >= 0)
      CPU_CLR(static_cast<size_t>(cpu), &free);
  if (CPU_COUNT(&free) > 0 && sched_setaffinity(0, sizeof free, &free) == 0)
    note(thread);
}

} // namespace llmc
