// SPDX-License-Identifier: Apache-2.0
#include "runtime/capi/Generation.h"
#include <cstring>
#include <fmt/format.h>

using namespace llmc;
using namespace llmc::capi;

static constexpr LlmcGenerateOptions defaults = {
    .size = sizeof(LlmcGenerateOptions),
    .max_tokens = -1,
    .min_tokens = -1,
    .time_limit = 0,
    .logit_bias = nullptr,
    .logit_bias_count = 0,
    .repetition_penalty = LLMC_MODEL_DEFAULT,
    .presence_penalty = 0,
    .frequency_penalty = 0,
    .no_repeat_ngram = -1,
    .temperature = LLMC_MODEL_DEFAULT,
    .top_k = -1,
    .top_p = LLMC_MODEL_DEFAULT,
    .min_p = LLMC_MODEL_DEFAULT,
    .seed = 0,
    .sequences = -1,
    .beams = -1,
    .length_penalty = LLMC_MODEL_DEFAULT,
    .early_stopping = LLMC_EARLY_STOPPING_MODEL,
    .stop_tokens = nullptr,
    .stop_token_count = 0,
    .stop_strings = nullptr,
    .stop_string_count = 0,
    .ignore_eos = 0,
    .logprobs = -1,
    .add_special = 1,
    .json_schema = nullptr,
    .grammar = nullptr,
    .constraint = nullptr,
    .lookup = 0,
    .draft = nullptr,
    .speculate_tokens = -1};

static Status checkSize(size_t size) {
  if (size >= sizeof(size_t) && size <= sizeof(LlmcGenerateOptions))
    return Status();
  return Status(
      Code::BadInput,
      fmt::format("generation options of {} bytes, this library knows {}: "
                  "llmc_generate_defaults makes them",
                  size, sizeof(LlmcGenerateOptions)));
}

LlmcStatus llmc_generate_defaults(LlmcGenerateOptions *options, size_t size) {
  return guard([&]() -> Status {
    if (Status status =
            checkArguments("llmc_generate_defaults", {{"options", options}});
        !status)
      return status;
    if (Status status = checkSize(size); !status)
      return status;
    std::memcpy(options, &defaults, size);
    options->size = size;
    return Status();
  });
}

static void take(std::optional<double> &to, double from) {
  if (from != LLMC_MODEL_DEFAULT)
    to = from;
}
static void take(std::optional<int64_t> &to, int64_t from) {
  if (from != -1)
    to = from;
}

static Status takeLists(GenerateOptions &to, const LlmcGenerateOptions &from) {
  if ((!from.logit_bias && from.logit_bias_count > 0) ||
      (!from.stop_tokens && from.stop_token_count > 0) ||
      (!from.stop_strings && from.stop_string_count > 0))
    return Status(Code::BadInput, "a list of the generation options is null");
  for (size_t i = 0; i < from.logit_bias_count; ++i)
    to.logitBias.push_back({from.logit_bias[i].token, from.logit_bias[i].bias});
  to.stopTokens.assign(from.stop_tokens,
                       from.stop_tokens + from.stop_token_count);
  for (size_t i = 0; i < from.stop_string_count; ++i) {
    if (!from.stop_strings[i])
      return Status(Code::BadInput, "a stop string is null");
    to.stopStrings.emplace_back(from.stop_strings[i]);
  }
  return Status();
}

Result<LlmcGenerateOptions> capi::complete(const LlmcGenerateOptions *given) {
  LlmcGenerateOptions from = defaults;
  if (!given)
    return from;
  if (Status status = checkSize(given->size); !status)
    return status;
  std::memcpy(&from, given, given->size);
  if ((from.json_schema != nullptr) + (from.grammar != nullptr) +
          (from.constraint != nullptr) >
      1)
    return Status(Code::BadInput, "of json_schema, grammar and constraint at "
                                  "most one is taken");
  return from;
}

Result<GenerateOptions> capi::convert(const LlmcGenerateOptions &from) {
  GenerateOptions to;
  take(to.maxTokens, from.max_tokens);
  take(to.minTokens, from.min_tokens);
  to.timeLimit = from.time_limit;
  take(to.repetitionPenalty, from.repetition_penalty);
  to.presencePenalty = from.presence_penalty;
  to.frequencyPenalty = from.frequency_penalty;
  take(to.noRepeatNgram, from.no_repeat_ngram);
  take(to.temperature, from.temperature);
  take(to.topK, from.top_k);
  take(to.topP, from.top_p);
  take(to.minP, from.min_p);
  to.seed = from.seed;
  take(to.sequences, from.sequences);
  take(to.beams, from.beams);
  take(to.lengthPenalty, from.length_penalty);
  if (from.early_stopping < LLMC_EARLY_STOPPING_MODEL ||
      from.early_stopping > LLMC_EARLY_STOPPING_NEVER)
    return Status(Code::BadInput, "unknown early stopping");
  if (from.early_stopping != LLMC_EARLY_STOPPING_MODEL)
    to.earlyStopping = static_cast<EarlyStopping>(from.early_stopping);
  to.ignoreEos = from.ignore_eos != 0;
  take(to.logprobs, from.logprobs);
  to.addSpecial = from.add_special != 0;
  if (Status status = takeLists(to, from); !status)
    return status;
  return to;
}

bool Teller::operator()(const Generated &made) {
  likeliest_.clear();
  for (const TokenScore &token : made.likeliest)
    likeliest_.push_back({token.token, token.score});
  LlmcGenerated told = {.sequence = made.sequence,
                        .token =
                            made.token == noToken ? -1 : int64_t{made.token},
                        .text = made.text.data(),
                        .length = made.text.size(),
                        .logprob = made.logprob,
                        .likeliest = likeliest_.data(),
                        .likeliest_count = likeliest_.size(),
                        .finish = static_cast<LlmcFinish>(made.finish),
                        .score = made.score.value_or(0)};
  return callback_(user_, &told) == 0;
}

LlmcGenerateResult capi::resultOf(const GenerateResult &made) {
  return {made.promptTokens,         made.tokens,
          made.prefillSeconds,       made.decodeSeconds,
          made.speculation.proposed, made.speculation.accepted};
}
