// SPDX-License-Identifier: Apache-2.0
// The forms of `llmc run`: text out of a prompt (RunPrompt.cpp), of many at
// once (RunPrompts.cpp) or of sound (RunAudio.cpp), what a model says about a
// text (RunText.cpp), tensors through the raw signature (Run.cpp).
#ifndef LLMC_TOOLS_LLMC_RUN_H
#define LLMC_TOOLS_LLMC_RUN_H

#include "runtime/session/GenerateOptions.h"
#include "runtime/session/Profile.h"
#include "runtime/session/Transcriber.h"
#include "tools/llmc/ConstraintFlags.h"
#include "tools/llmc/ModelOptions.h"
#include <optional>
#include <string>

namespace llmc::cli {

struct SpeechFlags {
  std::string file; // empty: no sound
  TranscribeOptions options;
  bool stream = false;
};

/// Of what a model says about texts.
struct TextFlags {
  std::optional<std::string> text;
  std::optional<std::string> similar; // another text, to compare with
  std::optional<std::string> question;
  std::string context;
  std::string pooling; // empty: the model's
  std::optional<bool> normalize;
  std::string aggregation; // empty: simple
  std::optional<size_t> top, window, stride;
};

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

  SpeechFlags speech;

  TextFlags texts;

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
Status runAudio(const RunOptions &options, std::shared_ptr<const Model> model,
                Profile *profile, Shell &shell);
Status runText(const RunOptions &options, std::shared_ptr<const Model> model,
               Profile *profile, Shell &shell);

} // namespace llmc::cli

#endif
