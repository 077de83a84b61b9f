// SPDX-License-Identifier: Apache-2.0
// How `llmc` reaches the compiler: libllmc-compiler.so, loaded at first use,
// exports one function. Both sides include this header.
#ifndef LLMC_TOOLS_LLMC_COMPILERLIBRARY_H
#define LLMC_TOOLS_LLMC_COMPILERLIBRARY_H

#include "runtime/core/Status.h"
#include "tools/llmc/Verbs.h"
#include <string>
#include <vector>

/// What llmc_compiler_main is asked to do.
enum LlmcCompilerVerb {
  LLMC_COMPILER_COMPILE = 0,
  LLMC_COMPILER_CHECK = 1,
  LLMC_COMPILER_INSPECT = 2, // a model, not an artifact
  LLMC_COMPILER_EXPORT = 3,
  LLMC_COMPILER_QUANTIZE = 4
};

/// The exported function, `llmc_compiler_main`: as a program's main (argv[0] is
/// the verb's name and the arguments follow, argv[argc] is null). Parses the
/// options, prints results and errors, returns the exit code. Never throws.
typedef int (*LlmcCompilerMain)(int verb, int argc, const char *const *argv);

namespace llmc::cli {

/// Loads the library (beside the program, or in ../lib) and runs a verb. The
/// exit code, or why it could not be loaded.
Result<int> runCompiler(LlmcCompilerVerb verb,
                        const std::vector<std::string> &arguments);

/// Adds a verb whose options, help and work are the compiler library's.
void addCompilerVerb(CLI::App &app, Shell &shell, const std::string &name,
                     const std::string &description, LlmcCompilerVerb verb);

} // namespace llmc::cli

#endif
