// SPDX-License-Identifier: Apache-2.0
// Phases of a long command as the user sees them: a line that is rewritten on a
// terminal, nothing on a pipe, and a line per phase with -v. Keeps times and
// the peak of anonymous memory. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace llmc::cli {

class Progress {
public:
  Progress(bool quiet, int verbose);
  ~Progress();
  /// Ends the phase at hand and begins another.
  void phase(const std::string &name);
  /// Within a phase: done of total, in the phase's own unit.
  void step(uint64_t done, uint64_t total);
  void finish();

  struct Phase {
    std::string name;
    double seconds = 0;
  };
  const std::vector<Phase> &phases() const { return done; }
  double seconds() const;
  /// Peak of anonymous resident memory so far, in bytes, as sampled at phases
  /// and steps; 0 where the system does not say.
  uint64_t peakAnonymous() const { return peak; }

private:
  using Clock = std::chrono::steady_clock;
  void sample();
  void clearLine();
  bool live;
  bool listed;
  std::vector<Phase> done;
  std::string current;
  Clock::time_point start = Clock::now(), phaseStart = start, lastDraw;
  uint64_t peak = 0;
};

} // namespace llmc::cli
