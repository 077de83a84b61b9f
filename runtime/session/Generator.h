// SPDX-License-Identifier: Apache-2.0
// Text out of a prompt: tokenizer, session, choice of tokens and streaming
// decoder in one loop. Used by the C interface and `llmc run`; one thread at a
// time.
#ifndef LLMC_RUNTIME_SESSION_GENERATOR_H
#define LLMC_RUNTIME_SESSION_GENERATOR_H

#include "runtime/session/Drafter.h"
#include "runtime/session/GenerateOptions.h"
#include "runtime/session/Session.h"
#include "runtime/session/TextOutput.h"
#include "runtime/text/Tokenizer.h"
#include <memory>
#include <string_view>

namespace llmc {

/// The tokenizer inside an artifact; BadInput when there is none.
Result<std::shared_ptr<const text::Tokenizer>>
loadTokenizer(const Artifact &artifact);

struct GenerateResult {
  int64_t promptTokens = 0;
  int64_t reused = 0; // of the prompt, that the session had read before
  int64_t tokens = 0; // of all texts, end tokens not counted
  int64_t steps = 0;  // runs of the decoder after the prompt
  SpeculationCounts speculation;
  double prefillSeconds = 0;
  double decodeSeconds = 0; // of all steps
};

/// The prompt's tokens; an empty prompt is the token that begins texts.
Result<std::vector<int64_t>> encodePrompt(const GenerationDefaults &defaults,
                                          const text::Tokenizer &tokenizer,
                                          std::string_view prompt,
                                          bool addSpecial);

/// Continues the prompt, of which what the session begins with is not read
/// again; with a source, reads the prompt and begins a text about it: a
/// translation, a summary. Several texts come one after another; those of a
/// beam search at its end, the best first. A failure leaves the session usable:
/// NaN logits, cancelled (Resource), settings that are refused, ... Speculation
/// changes how fast texts come, nothing of them; a beam search goes without.
Result<GenerateResult>
generate(Session &session, const text::Tokenizer &tokenizer,
         std::string_view prompt, const GenerateOptions &options,
         const OnToken &onToken, const Speculation &speculation = {});

/// The same from tokens, of which there has to be one; a source is read
/// already.
Result<GenerateResult>
generateFrom(Session &session, const text::Tokenizer &tokenizer,
             std::vector<int64_t> tokens, const GenerateOptions &options,
             const OnToken &onToken, const Speculation &speculation = {});

/// Positions that generate() will need at most, of the model of that name or of
/// the first that can.
Result<int64_t> neededPositions(const Model &model, const std::string &name,
                                const text::Tokenizer &tokenizer,
                                std::string_view prompt,
                                const GenerateOptions &options);

} // namespace llmc

#endif
