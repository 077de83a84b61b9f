// SPDX-License-Identifier: Apache-2.0
// Where the time of calls goes: every step and every call, with what it
// computes and moves as the compiler counted it
// (codegen/lowering/EntryWork.cpp). Filled by one thread; the entries must live
// as long as the profile is read.
#ifndef LLMC_RUNTIME_SESSION_PROFILE_H
#define LLMC_RUNTIME_SESSION_PROFILE_H

#include "runtime/core/Status.h"
#include "runtime/model/Manifest.h"
#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace llmc {

class Profile {
public:
  using Clock = std::chrono::steady_clock;

  /// All runs of one step, or of an entry as a whole.
  struct Total {
    const EntryInfo *entry = nullptr;
    int32_t site = -1; ///< a row of the site table, or less than 0: the entry
    int64_t count = 0;
    double seconds = 0, flops = 0, bytes = 0;
  };

  Profile() : start_(Clock::now()) { events_.reserve(1 << 16); }
  /// site < 0: the whole call.
  void add(const EntryInfo &entry, int32_t site, Clock::time_point begin,
           Clock::time_point end, int64_t flops = 0, int64_t bytes = 0);

  std::vector<Total> totals() const;
  /// Whether the trace lacks later events: it holds a million.
  bool isCut() const { return isCut_; }

private:
  friend Status writeTrace(const std::string &,
                           std::span<const std::pair<std::string, Profile *>>);
  struct Event {
    const EntryInfo *entry;
    int32_t site;
    int64_t flops, bytes;
    Clock::time_point begin;
    Clock::duration length;
  };
  /// By site + 1.
  struct EntryTotals {
    const EntryInfo *entry;
    std::vector<Total> rows;
  };
  Clock::time_point start_;
  std::vector<Event> events_;
  std::vector<EntryTotals> totals_;
  bool isCut_ = false;
};

/// Chrome's trace format (chrome://tracing, Perfetto): a process for each
/// profile, with its name.
Status writeTrace(const std::string &path,
                  std::span<const std::pair<std::string, Profile *>> profiles);

/// "node 12 'name' (Op)" of a row of the site table.
std::string describeSite(const EntryInfo &entry, int32_t site);

} // namespace llmc

#endif
