// SPDX-License-Identifier: Apache-2.0
// The verbs of `llmc`. Each verb lives in a file of its own, adds its
// subcommand to the parser and leaves an action in the shell; main runs the
// action that was chosen. A new verb is a file and a row in verbTable
// (Verbs.cpp).
#ifndef LLMC_TOOLS_LLMC_VERBS_H
#define LLMC_TOOLS_LLMC_VERBS_H

#include "tools/llmc/Shell.h"

namespace llmc::cli {

void addBench(CLI::App &app, Shell &shell);
void addChat(CLI::App &app, Shell &shell);
void addCompile(CLI::App &app, Shell &shell);
void addCheck(CLI::App &app, Shell &shell);
void addEval(CLI::App &app, Shell &shell);
void addExport(CLI::App &app, Shell &shell);
void addInspect(CLI::App &app, Shell &shell);
void addQuantize(CLI::App &app, Shell &shell);
void addRun(CLI::App &app, Shell &shell);
void addTemplate(CLI::App &app, Shell &shell);
void addTokenize(CLI::App &app, Shell &shell);
void addVerify(CLI::App &app, Shell &shell);

/// The functions above, in the order of `llmc --help`.
using AddVerb = void (*)(CLI::App &, Shell &);
extern const std::vector<AddVerb> verbTable;

} // namespace llmc::cli

#endif
