// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/Shell.h"
#include "runtime/core/Escape.h"
#include <cstdio>
#include <fmt/format.h>

namespace llmc::cli {

CLI::App *addVerb(CLI::App &app, Shell &shell, const std::string &name,
                  const std::string &help, bool json) {
  CLI::App *verb = app.add_subcommand(name, help);
  verb->add_flag("-q,--quiet", shell.quiet, "Print results only");
  verb->add_flag("-v,--verbose", shell.verbose, "Say more (repeat for more)");
  if (json)
    verb->add_flag("--json", shell.json, "Print one JSON document");
  return verb;
}

static nlohmann::json toJson(const Error &error) {
  return {{"code", static_cast<int>(error.code)},
          {"file", escapeText(error.file, 4096)},
          {"where", escapeText(error.where)},
          {"what", escapeText(error.what, 4096)},
          {"hint", escapeText(error.hint, 4096)},
          {"nodes", error.nodes}};
}

void printError(const Error &error, Shell &shell) {
  if (shell.json) {
    if (!shell.document.is_object())
      shell.document = nlohmann::json::object();
    shell.document["error"] = toJson(error);
  }
  std::string line = "error: ";
  if (!error.file.empty())
    line += escapeText(error.file) + ": ";
  if (!error.where.empty())
    line += escapeText(error.where) + ": ";
  fmt::print(stderr, "{}{}\n", line, escapeText(error.what, 4096));
  constexpr size_t shown = 100;
  for (size_t i = 0; i < error.nodes.size() && i < shown; ++i)
    fmt::print(stderr, "note: {}\n", escapeText(error.nodes[i]));
  if (error.nodes.size() > shown)
    fmt::print(stderr, "note: and {} more\n", error.nodes.size() - shown);
  if (!error.hint.empty())
    fmt::print(stderr, "hint: {}\n", escapeText(error.hint, 4096));
}

void printNote(const Shell &shell, const std::string &text) {
  if (!shell.quiet)
    fmt::print(stderr, "note: {}\n", escapeText(text, 4096));
}

void printWarning(const std::string &text) {
  fmt::print(stderr, "warning: {}\n", escapeText(text, 4096));
}

} // namespace llmc::cli
