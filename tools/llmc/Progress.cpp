// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/Progress.h"

#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

namespace llmc::cli {

Progress::Progress(bool quiet, int verbose)
    : live(!quiet && !verbose && isatty(STDERR_FILENO)), listed(verbose > 0) {}
Progress::~Progress() { clearLine(); }

void Progress::sample() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:"))
      peak = std::max<uint64_t>(
          peak, std::strtoull(line.c_str() + 8, nullptr, 10) * 1024);
}

void Progress::clearLine() {
  if (live && !current.empty())
    fmt::print(stderr, "\r\033[K");
}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void Progress::phase(const std::string &name) {
  finish();
  current = name;
  phaseStart = lastDraw = Clock::now();
  if (live)
    fmt::print(stderr, "\r\033[K{} ...", name);
}

void Progress::step(uint64_t doneUnits, uint64_t total) {
  sample();
  auto now = Clock::now();
  if (!live || total == 0 || now - lastDraw < std::chrono::milliseconds(100))
    return;
  lastDraw = now;
  constexpr unsigned width = 30;
  unsigned filled = static_cast<unsigned>(doneUnits * width / total);
  fmt::print(stderr, "\r\033[K{} [{}{}] {}%", current, std::string(filled, '#'),
             std::string(width - filled, ' '), doneUnits * 100 / total);
}

void Progress::finish() {
  if (current.empty())
    return;
  sample();
  clearLine();
  double seconds =
      std::chrono::duration<double>(Clock::now() - phaseStart).count();
  if (listed)
    fmt::print(stderr, "note: {}: {:.2f} s\n", current, seconds);
  done.push_back({current, seconds});
  current.clear();
}

} // namespace llmc::cli
