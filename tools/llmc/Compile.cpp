// SPDX-License-Identifier: Apache-2.0
// `llmc compile`: hands its arguments to the compiler library, which has the
// options and the help.
#include "tools/llmc/CompilerLibrary.h"
#include "tools/llmc/Verbs.h"

namespace llmc::cli {

void addCompile(CLI::App &app, Shell &shell) {
  CLI::App *verb =
      app.add_subcommand("compile", "Compile an ONNX model to an artifact");
  verb->prefix_command();
  verb->set_help_flag();
  verb->callback([verb, &shell] {
    shell.action = [verb, &shell]() -> Status {
      Result<int> code = runCompiler(LLMC_COMPILER_COMPILE, verb->remaining());
      for (const std::string &argument : verb->remaining())
        shell.json |= argument == "--json" && !code;
      if (!code)
        return code.takeStatus();
      shell.exitCode = *code;
      return Status();
    };
  });
}

} // namespace llmc::cli
