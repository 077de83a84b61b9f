// SPDX-License-Identifier: Apache-2.0
// llmc.h: text out of a prompt.
#include "runtime/capi/Handles.h"
#include "runtime/session/Generator.h"

using namespace llmc;
using namespace llmc::capi;

LlmcGenerateOptions llmc_generate_defaults(void) {
  return {.max_tokens = 0,
          .temperature = -1,
          .top_k = -1,
          .top_p = -1,
          .seed = 0,
          .ignore_eos = 0,
          .add_special = 1};
}

static GenerateOptions convert(const LlmcGenerateOptions &from) {
  GenerateOptions options;
  options.maxTokens = from.max_tokens;
  if (from.temperature >= 0)
    options.temperature = from.temperature;
  if (from.top_k >= 0)
    options.topK = from.top_k;
  if (from.top_p >= 0)
    options.topP = from.top_p;
  options.seed = from.seed;
  options.ignoreEos = from.ignore_eos != 0;
  options.addSpecial = from.add_special != 0;
  return options;
}

LlmcStatus llmc_session_generate(llmc_session *session, const char *prompt,
                                 size_t length,
                                 const LlmcGenerateOptions *options,
                                 LlmcTextCallback callback, void *user,
                                 LlmcGenerateResult *result) {
  return guard([&]() -> Status {
    if (!session || (!prompt && length > 0) || !callback)
      return Status(Code::BadInput, "llmc_session_generate: a pointer is null");
    if (Status status = session->needSession(); !status)
      return status;
    auto tokenizer = session->core->tokenizer();
    if (!tokenizer)
      return tokenizer.takeStatus();
    auto onToken = [&](uint32_t, std::string_view text) {
      return text.empty() || callback(user, text.data(), text.size()) == 0;
    };
    auto made = generate(*session->session, **tokenizer, {prompt, length},
                         convert(options ? *options : llmc_generate_defaults()),
                         onToken);
    if (!made)
      return made.takeStatus();
    if (result)
      *result = {made->promptTokens, made->tokens, made->prefillSeconds,
                 made->decodeSeconds};
    return Status();
  });
}
