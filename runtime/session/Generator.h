// SPDX-License-Identifier: Apache-2.0
// Text out of a prompt: tokenizer, session, sampler and streaming decoder in
// one loop. Used by the C interface and `llmc run`; one thread at a time.
#ifndef LLMC_RUNTIME_SESSION_GENERATOR_H
#define LLMC_RUNTIME_SESSION_GENERATOR_H

#include "runtime/session/Session.h"
#include "runtime/text/Tokenizer.h"
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace llmc {

/// The tokenizer inside an artifact; BadInput when there is none.
Result<std::shared_ptr<const text::Tokenizer>>
loadTokenizer(const Artifact &artifact);

/// What is not given comes from the artifact's generation defaults.
struct GenerateOptions {
  int64_t maxTokens = 0;                  // 0: the default, or 256
  std::optional<double> temperature = {}; // 0: greedy
  std::optional<int64_t> topK = {};       // 0: all
  std::optional<double> topP = {};        // 1: all
  uint64_t seed = 0;
  bool ignoreEos = false;
  bool addSpecial = true;
};

struct GenerateResult {
  int64_t promptTokens = 0;
  int64_t tokens = 0;   // generated, an end token not counted
  bool stopped = false; // by an end token
  double prefillSeconds = 0;
  double decodeSeconds = 0; // of all steps after the first token
};

/// Gets each token with the text that it makes certain (often empty), and the
/// last piece of text, if there is more, with noToken; false: stop.
using OnToken = std::function<bool(uint32_t token, std::string_view text)>;
constexpr uint32_t noToken = UINT32_MAX;

/// Continues the prompt from an empty context.
Result<GenerateResult> generate(Session &session,
                                const text::Tokenizer &tokenizer,
                                std::string_view prompt,
                                const GenerateOptions &options,
                                const OnToken &onToken);

/// Positions that generate() will need at most.
Result<int64_t> neededPositions(const Model &model,
                                const text::Tokenizer &tokenizer,
                                std::string_view prompt,
                                const GenerateOptions &options);

} // namespace llmc

#endif
