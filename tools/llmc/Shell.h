// SPDX-License-Identifier: Apache-2.0
// What all verbs share, those of the compiler library too: common options, and
// how errors, notes and warnings are printed.
#ifndef LLMC_TOOLS_LLMC_SHELL_H
#define LLMC_TOOLS_LLMC_SHELL_H

#include "runtime/core/Status.h"
#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace llmc::cli {

/// What the verbs share. Lives in main for the whole process.
struct Shell {
  bool quiet = false; // -q
  int verbose = 0;    // -v, repeatable
  bool json = false;  // --json: stdout is one document
  /// With --json: what the verb prints; main adds "error" to it on failure.
  nlohmann::json document;
  /// Set by a verb's callback when its command was given.
  std::function<Status()> action;
  /// Set by an action that has already printed its failure: main then only
  /// exits with this code.
  int exitCode = 0;
};

/// A subcommand with the common options (-q, -v and, where the verb prints
/// results, --json).
CLI::App *addVerb(CLI::App &app, Shell &shell, const std::string &name,
                  const std::string &help, bool json = true);

/// Prints `error: FILE: WHERE: WHAT`, notes and the hint on stderr, or, with
/// --json, the document on stdout.
void printError(const Error &error, Shell &shell);
/// `note: ...` and `warning: ...` on stderr; notes are silent with -q.
void printNote(const Shell &shell, const std::string &text);
void printWarning(const std::string &text);

} // namespace llmc::cli

#endif
