// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/CompilerLibrary.h"

namespace llmc::cli {

void addCompile(CLI::App &app, Shell &shell) {
  addCompilerVerb(app, shell, "compile", "Compile an ONNX model to an artifact",
                  LLMC_COMPILER_COMPILE);
}

} // namespace llmc::cli
