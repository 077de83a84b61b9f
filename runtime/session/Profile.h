// SPDX-License-Identifier: Apache-2.0
// Where the time of calls goes: one event per parallel step and per call.
// Filled by one thread.
#ifndef LLMC_RUNTIME_SESSION_PROFILE_H
#define LLMC_RUNTIME_SESSION_PROFILE_H

#include "runtime/core/Status.h"
#include "runtime/model/Manifest.h"
#include <chrono>
#include <string>
#include <vector>

namespace llmc {

class Profile {
public:
  using Clock = std::chrono::steady_clock;

  Profile() : start_(Clock::now()) { events_.reserve(1 << 16); }
  /// site < 0: the whole call.
  void add(const EntryInfo &entry, int32_t site, Clock::time_point begin,
           Clock::time_point end) {
    events_.push_back({&entry, site, begin - start_, end - begin});
  }
  /// Chrome's trace format (chrome://tracing, Perfetto). The entries must still
  /// be there.
  Status write(const std::string &path) const;

private:
  struct Event {
    const EntryInfo *entry;
    int32_t site;
    Clock::duration begin;
    Clock::duration length;
  };
  Clock::time_point start_;
  std::vector<Event> events_;
};

/// "node 12 'name' (Op)" of a row of the site table.
std::string describeSite(const EntryInfo &entry, int32_t site);

} // namespace llmc

#endif
