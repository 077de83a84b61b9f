// SPDX-License-Identifier: Apache-2.0
// Runs a program and collects what it prints. Any thread.
#ifndef LLMC_TOOLS_LLMC_SUBPROCESS_H
#define LLMC_TOOLS_LLMC_SUBPROCESS_H

#include <string>
#include <vector>

namespace llmc::cli {

struct ProcessResult {
  int code = -1; // exit code, 128 + n for signal n
  bool timedOut = false;
  std::string output; // stdout and stderr together, at most 1 MiB
};

/// Kills the program after `seconds`.
ProcessResult runProcess(const std::vector<std::string> &arguments,
                         int seconds);

/// The running program's own path.
std::string ownPath();

} // namespace llmc::cli

#endif
