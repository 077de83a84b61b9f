// SPDX-License-Identifier: Apache-2.0
// llmc.h: text out of a prompt.
#include "runtime/capi/Use.h"
#include "runtime/session/Generator.h"
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
    .constraint = nullptr};

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
    return Status(Code::BadInput,
                  "llmc_session_generate: a list of the options is null");
  for (size_t i = 0; i < from.logit_bias_count; ++i)
    to.logitBias.push_back({from.logit_bias[i].token, from.logit_bias[i].bias});
  to.stopTokens.assign(from.stop_tokens,
                       from.stop_tokens + from.stop_token_count);
  for (size_t i = 0; i < from.stop_string_count; ++i) {
    if (!from.stop_strings[i])
      return Status(Code::BadInput,
                    "llmc_session_generate: a stop string is null");
    to.stopStrings.emplace_back(from.stop_strings[i]);
  }
  return Status();
}

/// Fields that the caller's struct ends before keep their defaults.
static Result<GenerateOptions> convert(const LlmcGenerateOptions *given) {
  LlmcGenerateOptions from = defaults;
  if (given) {
    if (Status status = checkSize(given->size); !status)
      return status;
    std::memcpy(&from, given, given->size);
  }
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
    return Status(Code::BadInput,
                  "llmc_session_generate: unknown early stopping");
  if (from.early_stopping != LLMC_EARLY_STOPPING_MODEL)
    to.earlyStopping = static_cast<EarlyStopping>(from.early_stopping);
  to.ignoreEos = from.ignore_eos != 0;
  take(to.logprobs, from.logprobs);
  to.addSpecial = from.add_special != 0;
  if (Status status = takeLists(to, from); !status)
    return status;
  return to;
}

/// What the text must be, if the caller's struct has it.
static Result<std::shared_ptr<grammar::Constraint>>
takeConstraint(llmc_session &session, const LlmcGenerateOptions *options) {
  LlmcGenerateOptions from = defaults;
  if (options)
    std::memcpy(&from, options, options->size);
  int given = (from.json_schema != nullptr) + (from.grammar != nullptr) +
              (from.constraint != nullptr);
  if (given == 0)
    return std::shared_ptr<grammar::Constraint>();
  if (given > 1)
    return Status(Code::BadInput,
                  "llmc_session_generate: of json_schema, "
                  "grammar and constraint at most one is taken");
  Status status =
      from.json_schema
          ? session.needConstraint(grammar::ConstraintKind::JsonSchema,
                                   from.json_schema)
      : from.grammar ? session.needConstraint(grammar::ConstraintKind::Grammar,
                                              from.grammar)
                     : session.needStoredConstraint(from.constraint);
  if (!status)
    return status;
  return session.constraint;
}

LlmcStatus llmc_session_generate(llmc_session *session, const char *prompt,
                                 size_t length,
                                 const LlmcGenerateOptions *options,
                                 LlmcGenerateCallback callback, void *user,
                                 LlmcGenerateResult *result) {
  return onSession(session, "llmc_session_generate", [&]() -> Status {
    if (Status status = checkArguments(
            "llmc_session_generate",
            {{"prompt", prompt, length == 0},
             {"callback", reinterpret_cast<const void *>(callback)}});
        !status)
      return status;
    auto converted = convert(options);
    if (!converted)
      return converted.takeStatus();
    if (Status status = session->needSession(); !status)
      return status;
    auto tokenizer = session->core->tokenizer();
    if (!tokenizer)
      return tokenizer.takeStatus();
    auto constraint = takeConstraint(*session, options);
    if (!constraint)
      return constraint.takeStatus();
    converted->constraint = std::move(*constraint);
    std::vector<LlmcTokenLogprob> likeliest;
    auto onToken = [&](const Generated &made) {
      likeliest.clear();
      for (const TokenScore &token : made.likeliest)
        likeliest.push_back({token.token, token.score});
      LlmcGenerated told = {
          .sequence = made.sequence,
          .token = made.token == noToken ? -1 : int64_t{made.token},
          .text = made.text.data(),
          .length = made.text.size(),
          .logprob = made.logprob,
          .likeliest = likeliest.data(),
          .likeliest_count = likeliest.size(),
          .finish = static_cast<LlmcFinish>(made.finish),
          .score = made.score.value_or(0)};
      return callback(user, &told) == 0;
    };
    auto made = generate(*session->session, **tokenizer, {prompt, length},
                         *converted, onToken);
    if (!made)
      return made.takeStatus();
    if (result)
      *result = {made->promptTokens, made->tokens, made->prefillSeconds,
                 made->decodeSeconds};
    return Status();
  });
}
