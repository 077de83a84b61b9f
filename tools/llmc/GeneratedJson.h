// SPDX-License-Identifier: Apache-2.0
// Generated texts as JSON: what `llmc run` shows of a prompt with --json and of
// many prompts.
#ifndef LLMC_TOOLS_LLMC_GENERATEDJSON_H
#define LLMC_TOOLS_LLMC_GENERATEDJSON_H

#include "runtime/session/TextOutput.h"
#include <nlohmann/json.hpp>

namespace llmc::cli {

/// Gathers the texts of one prompt.
class GeneratedJson {
public:
  explicit GeneratedJson(const GenerateOptions &options)
      : hasLogprobs_(options.logprobs) {}

  void add(const Generated &made);
  /// The first text, with all of them under "texts" where there are several.
  nlohmann::json take();

private:
  bool hasLogprobs_;
  nlohmann::json texts_ = nlohmann::json::array();
};

} // namespace llmc::cli

#endif
