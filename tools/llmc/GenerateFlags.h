// SPDX-License-Identifier: Apache-2.0
// The options of verbs that generate text.
#ifndef LLMC_TOOLS_LLMC_GENERATEFLAGS_H
#define LLMC_TOOLS_LLMC_GENERATEFLAGS_H

#include "runtime/session/GenerateOptions.h"
#include <CLI/CLI.hpp>

namespace llmc::cli {

/// --max-tokens, --temperature, --beams, --stop, ... `options` must live as
/// long as `verb`. Values are checked when text is generated.
void addGenerateFlags(CLI::App *verb, GenerateOptions &options);

} // namespace llmc::cli

#endif
