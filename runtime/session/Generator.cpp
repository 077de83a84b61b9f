// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Generator.h"
#include "runtime/session/Sampler.h"
#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace llmc {

using Clock = std::chrono::steady_clock;

static constexpr int64_t defaultMaxTokens = 256;

Result<std::shared_ptr<const text::Tokenizer>>
loadTokenizer(const Artifact &artifact) {
  auto file = artifact.file("tokenizer.json");
  if (!file)
    return Error{.code = Code::BadInput,
                 .what = "has no tokenizer",
                 .file = artifact.path(),
                 .hint = "compile the model with a tokenizer.json beside it"};
  auto tokenizer = text::Tokenizer::load(
      {reinterpret_cast<const char *>(file->data()), file->size()});
  if (!tokenizer)
    return tokenizer.takeStatus().inFile(artifact.path());
  return tokenizer;
}

/// The options with the artifact's defaults in place of what is not given.
static SamplerOptions samplerOptions(const GenerationDefaults &defaults,
                                     const GenerateOptions &options) {
  bool asksToSample = options.temperature || options.topK || options.topP;
  SamplerOptions sampler = {.seed = options.seed};
  if (!asksToSample && !defaults.doSample.value_or(false))
    return sampler;
  sampler.temperature =
      options.temperature.value_or(defaults.temperature.value_or(1));
  sampler.topK = options.topK.value_or(defaults.topK.value_or(0));
  sampler.topP = options.topP.value_or(defaults.topP.value_or(1));
  return sampler;
}

static int64_t maxTokens(const GenerationDefaults &defaults,
                         const GenerateOptions &options) {
  return options.maxTokens > 0
             ? options.maxTokens
             : defaults.maxNewTokens.value_or(defaultMaxTokens);
}

/// The prompt's tokens; an empty prompt is the token that begins texts.
static Result<std::vector<int64_t>>
encodePrompt(const GenerationDefaults &defaults,
             const text::Tokenizer &tokenizer, std::string_view prompt,
             bool addSpecial) {
  auto ids = tokenizer.encodeIds(prompt, addSpecial);
  if (!ids)
    return ids.takeStatus();
  std::vector<int64_t> tokens(ids->begin(), ids->end());
  if (tokens.empty() && defaults.bos)
    tokens.push_back(*defaults.bos);
  if (tokens.empty())
    return Status(Code::BadInput, "the prompt is empty");
  return tokens;
}

Result<int64_t> neededPositions(const Model &model,
                                const text::Tokenizer &tokenizer,
                                std::string_view prompt,
                                const GenerateOptions &options) {
  const GenerationDefaults &defaults = model.manifest().generation;
  auto tokens = encodePrompt(defaults, tokenizer, prompt, options.addSpecial);
  if (!tokens)
    return tokens.takeStatus();
  int64_t most = maxTokens(defaults, options), limit = int64_t(1) << 40;
  return static_cast<int64_t>(tokens->size()) + std::min(most, limit);
}

Result<GenerateResult> generate(Session &session,
                                const text::Tokenizer &tokenizer,
                                std::string_view prompt,
                                const GenerateOptions &options,
                                const OnToken &onToken) {
  const GenerationDefaults &defaults = session.model().manifest().generation;
  auto sampler = Sampler::create(samplerOptions(defaults, options));
  if (!sampler)
    return sampler.takeStatus();
  auto tokens = encodePrompt(defaults, tokenizer, prompt, options.addSpecial);
  if (!tokens)
    return tokens.takeStatus();
  if (Status status = session.rewind(0); !status)
    return status;
  GenerateResult result = {.promptTokens =
                               static_cast<int64_t>(tokens->size())};
  auto start = Clock::now();
  auto logits = session.prefill(*tokens);
  auto firstToken = Clock::now();
  result.prefillSeconds =
      std::chrono::duration<double>(firstToken - start).count();
  text::StreamDecoder decoder = tokenizer.stream();
  bool wanted = true;
  for (int64_t most = maxTokens(defaults, options);
       wanted && result.tokens < most;) {
    if (!logits)
      return logits.takeStatus();
    uint32_t token = sampler->sample(*logits);
    result.stopped = !options.ignoreEos &&
                     std::find(defaults.eos.begin(), defaults.eos.end(),
                               token) != defaults.eos.end();
    if (result.stopped)
      break;
    ++result.tokens;
    auto text = decoder.push(token);
    if (!text)
      return text.takeStatus();
    wanted = onToken(token, *text);
    if (result.tokens == most || session.length() == session.capacity())
      break;
    if (wanted)
      logits = session.decode(token);
  }
  result.decodeSeconds =
      std::chrono::duration<double>(Clock::now() - firstToken).count();
  auto rest = decoder.finish();
  if (!rest)
    return rest.takeStatus();
  if (wanted && !rest->empty())
    onToken(noToken, *rest);
  return result;
}

} // namespace llmc
