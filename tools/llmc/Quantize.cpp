// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/CompilerLibrary.h"

namespace llmc::cli {

void addQuantize(CLI::App &app, Shell &shell) {
  addCompilerVerb(app, shell, "quantize",
                  "Write a model back as ONNX with quantized weights",
                  LLMC_COMPILER_QUANTIZE);
}

} // namespace llmc::cli
