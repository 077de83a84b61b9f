// SPDX-License-Identifier: Apache-2.0
// The forms of `llmc run`: text out of a prompt (RunPrompt.cpp) or of many at
// once (RunPrompts.cpp), what a model says about a text (RunText.cpp), tensors
// through the raw signature (Run.cpp).
#ifndef LLMC_TOOLS_LLMC_RUN_H
#define LLMC_TOOLS_LLMC_RUN_H

#include "runtime/session/GenerateOptions.h"
#include "runtime/session/Profile.h"
#include "tools/llmc/ConstraintFlags.h"
#include "tools/llmc/ModelOptions.h"
#include <optional>
#include <string>

namespace llmc::cli {

struct RunOptions {
  std::string artifact;
  ModelFlags flags;
  std::string profile;
  bool stats = false;

  std::optional<std::string> prompt;
  GenerateOptions generate;
  ConstraintFlags constraint;
  std::string speculate; // "ngram" or a draft's artifact; empty: no speculation
  int64_t speculateTokens = 4;

  std::string prompts; // a file
  int64_t concurrency = 16;
  int64_t stepTokens = 256;

  std::optional<std::string> text;
  std::string pooling; // empty: the model's
  std::optional<bool> normalize;

  std::string inputs;
  std::string outputs;
  std::string entry = "raw";
};

Status runInputs(const RunOptions &options, std::shared_ptr<const Model> model,
                 Profile *profile, Shell &shell);
Status runPrompt(const RunOptions &options, std::shared_ptr<const Model> model,
                 Profile *profile, Shell &shell);
Status runPrompts(const RunOptions &options, std::shared_ptr<const Model> model,
                  Profile *profile, Shell &shell);
Status runText(const RunOptions &options, std::shared_ptr<const Model> model,
               Profile *profile, Shell &shell);

} // namespace llmc::cli

#endif
