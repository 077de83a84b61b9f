// SPDX-License-Identifier: Apache-2.0
// llmc: parses the command line and runs the verb it names. Links the runtime
// only; verbs that compile load the compiler library at first use.
#include "tools/llmc/Verbs.h"
#include <cstdio>
#include <fmt/format.h>
#include <iostream>
#include <new>

using namespace llmc;
using namespace llmc::cli;

static Status runAction(Shell &shell) {
  try {
    return shell.action();
  } catch (const std::bad_alloc &) {
    return Status(Code::Resource, "out of memory");
  } catch (const std::exception &e) {
    return Status(Code::Internal, fmt::format("internal error: {}", e.what()));
  }
}

static int finish(Status status, Shell &shell) {
  if (!status)
    printError(status.error(), shell);
  if (shell.json && !shell.document.is_null())
    std::cout << shell.document.dump(2, ' ', false,
                                     nlohmann::json::error_handler_t::replace)
              << "\n";
  std::cout.flush();
  if (std::cout.fail() && status)
    return static_cast<int>(Code::Resource);
  return status ? shell.exitCode : static_cast<int>(status.code());
}

/// CLI11 has no words for a verb that is none.
static std::string describe(const CLI::ParseError &error, CLI::App &app,
                            int argc, char **argv) {
  bool known = argc < 2 || argv[1][0] == '-';
  for (const CLI::App *verb : app.get_subcommands({}))
    known = known || verb->check_name(argv[1]);
  if (!known)
    return fmt::format("unknown verb '{}'", argv[1]);
  return error.what();
}

int main(int argc, char **argv) {
  CLI::App app(
      "llmc: compiles ONNX language models to native artifacts and runs them",
      "llmc");
  app.set_version_flag("--version", "llmc " LLMC_VERSION);
  app.require_subcommand(1);
  Shell shell;
  for (AddVerb add : verbTable)
    add(app, shell);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &e) {
    return app.exit(e);
  } catch (const CLI::ParseError &e) {
    for (int i = 1; i < argc; ++i)
      shell.json |= std::string_view(argv[i]) == "--json";
    Error error{
        .code = Code::BadInput,
        .what = describe(e, app, argc, argv),
        .hint = "llmc --help lists the verbs, llmc VERB --help their options"};
    return finish(Status(std::move(error)), shell);
  }
  return finish(runAction(shell), shell);
}
