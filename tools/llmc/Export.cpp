// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/CompilerLibrary.h"

namespace llmc::cli {

void addExport(CLI::App &app, Shell &shell) {
  addCompilerVerb(app, shell, "export",
                  "Write a model back as ONNX, as the passes left it",
                  LLMC_COMPILER_EXPORT);
}

} // namespace llmc::cli
