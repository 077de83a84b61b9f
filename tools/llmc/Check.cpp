// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/CompilerLibrary.h"

namespace llmc::cli {

void addCheck(CLI::App &app, Shell &shell) {
  addCompilerVerb(app, shell, "check",
                  "Report everything that keeps a model from compiling",
                  LLMC_COMPILER_CHECK);
}

} // namespace llmc::cli
