// SPDX-License-Identifier: Apache-2.0
// The options of every verb that opens an artifact to run it.
#ifndef LLMC_TOOLS_LLMC_MODELOPTIONS_H
#define LLMC_TOOLS_LLMC_MODELOPTIONS_H

#include "runtime/session/Model.h"
#include "tools/llmc/Verbs.h"
#include <string>

namespace llmc::cli {

struct ModelFlags {
  int threads = 0;
  std::string isa;
  std::string model;
  std::string check = "quick";

  ModelOptions options() const { return {threads, isa, check == "full"}; }
};

/// --threads, --isa, --model and --check. `flags` must live as long as `verb`.
void addModelFlags(CLI::App *verb, ModelFlags &flags);

/// Opens the artifact; warns where anyone may change it.
Result<std::shared_ptr<const Model>> openModel(const std::string &path,
                                               const ModelFlags &flags);

} // namespace llmc::cli

#endif
