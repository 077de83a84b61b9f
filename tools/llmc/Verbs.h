// SPDX-License-Identifier: Apache-2.0
// The verbs of `llmc`. Each verb lives in a file of its own, adds its
// subcommand to the parser and leaves an action in the shell; main runs the
// action that was chosen. A new verb is a file and a row in verbTable
// (Verbs.cpp).
#ifndef LLMC_TOOLS_LLMC_VERBS_H
#define LLMC_TOOLS_LLMC_VERBS_H

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

void addBench(CLI::App &app, Shell &shell);
void addCompile(CLI::App &app, Shell &shell);
void addCheck(CLI::App &app, Shell &shell);
void addInspect(CLI::App &app, Shell &shell);
void addRun(CLI::App &app, Shell &shell);
void addTokenize(CLI::App &app, Shell &shell);
void addVerify(CLI::App &app, Shell &shell);

/// The functions above, in the order of `llmc --help`.
using AddVerb = void (*)(CLI::App &, Shell &);
extern const std::vector<AddVerb> verbTable;

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
