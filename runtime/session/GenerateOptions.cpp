// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/GenerateOptions.h"
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace llmc {

static constexpr int64_t defaultMaxTokens = 256;
static constexpr int64_t mostTokens = int64_t(1) << 40;
static constexpr int64_t mostSequences = 1024;
static constexpr int64_t mostBeams = 256;
static constexpr int64_t mostLogprobs = 1024;
static constexpr size_t mostStopStrings = 1024;
static constexpr size_t mostStopBytes = 4096; // of one

std::optional<EarlyStopping> earlyStoppingFromName(std::string_view name) {
  constexpr std::string_view names[] = {"no", "yes", "never"};
  for (size_t i = 0; i < std::size(names); ++i)
    if (names[i] == name)
      return static_cast<EarlyStopping>(i);
  return std::nullopt;
}

template <typename... T>
static Status refuse(fmt::format_string<T...> format, T &&...values) {
  return Status(Code::BadInput,
                fmt::format(format, std::forward<T>(values)...));
}

static Status checkRange(const char *name, const std::optional<int64_t> &value,
                         int64_t least, int64_t most) {
  if (!value || (*value >= least && *value <= most))
    return Status();
  return refuse("{} {} is outside [{}, {}]", name, *value, least, most);
}

static Status checkCounts(const GenerateOptions &o) {
  struct Count {
    const char *name;
    const std::optional<int64_t> &value;
    int64_t least, most;
  };
  const Count counts[] = {
      {"maximum of tokens", o.maxTokens, 1, mostTokens},
      {"minimum of tokens", o.minTokens, 0, mostTokens},
      {"no-repeat n-gram size", o.noRepeatNgram, 0, mostTokens},
      {"top-k", o.topK, 0, INT32_MAX},
      {"number of sequences", o.sequences, 1, mostSequences},
      {"number of beams", o.beams, 1, mostBeams},
      {"number of log probabilities", o.logprobs, 0, mostLogprobs}};
  for (const Count &count : counts)
    if (Status status =
            checkRange(count.name, count.value, count.least, count.most);
        !status)
      return status;
  return Status();
}

static Status checkNumbers(const GenerateOptions &o) {
  double temperature = o.temperature.value_or(0);
  if (!(temperature >= 0) || std::isinf(temperature))
    return refuse("temperature {} is not a number from 0 on", temperature);
  if (double p = o.topP.value_or(1); !(p > 0 && p <= 1))
    return refuse("top-p {} is outside (0, 1]", p);
  if (double p = o.minP.value_or(0); !(p >= 0 && p <= 1))
    return refuse("min-p {} is outside [0, 1]", p);
  if (double penalty = o.repetitionPenalty.value_or(1);
      !(penalty > 0) || std::isinf(penalty))
    return refuse("repetition penalty {} is not a number above 0", penalty);
  if (!std::isfinite(o.presencePenalty))
    return refuse("presence penalty {} is not a number", o.presencePenalty);
  if (!std::isfinite(o.frequencyPenalty))
    return refuse("frequency penalty {} is not a number", o.frequencyPenalty);
  if (double penalty = o.lengthPenalty.value_or(1); !std::isfinite(penalty))
    return refuse("length penalty {} is not a number", penalty);
  if (!(o.timeLimit >= 0) || std::isinf(o.timeLimit))
    return refuse("time limit {} is not a number of seconds from 0 on",
                  o.timeLimit);
  for (const LogitBias &bias : o.logitBias)
    if (std::isnan(bias.bias) || bias.bias == INFINITY)
      return refuse("logit bias {} of token {} is not a number", bias.bias,
                    bias.token);
  return Status();
}

static Status checkStopStrings(const std::vector<std::string> &strings) {
  if (strings.size() > mostStopStrings)
    return refuse("{} stop strings, at most {} are taken", strings.size(),
                  mostStopStrings);
  for (size_t i = 0; i < strings.size(); ++i) {
    if (strings[i].empty())
      return refuse("stop string {} is empty", i + 1);
    if (strings[i].size() > mostStopBytes)
      return refuse("stop string {} has {} bytes, at most {} are taken", i + 1,
                    strings[i].size(), mostStopBytes);
    if (!text::isValidUtf8(strings[i]))
      return refuse("stop string {} is not UTF-8", i + 1);
  }
  return Status();
}

static bool asksToSample(const GenerateOptions &options) {
  return options.temperature.value_or(0) > 0 ||
         (!options.temperature &&
          (options.topK || options.topP || options.minP));
}

/// What was asked for, before defaults fill the rest.
static Status checkTogether(const GenerateOptions &o) {
  if (o.minTokens && o.maxTokens && *o.minTokens > *o.maxTokens)
    return refuse("at least {} tokens and at most {} do not go together",
                  *o.minTokens, *o.maxTokens);
  if (o.beams.value_or(1) > 1 && asksToSample(o))
    return refuse("a beam search does not sample: leave out temperature, "
                  "top-k, top-p and min-p, or the beams");
  return Status();
}

static Result<int64_t> defaultLength(const GenerationDefaults &defaults,
                                     int64_t promptTokens) {
  if (defaults.maxNewTokens && *defaults.maxNewTokens > 0)
    return *defaults.maxNewTokens;
  // A length of the whole context is no choice; many models are published so.
  if (!defaults.maxLength ||
      *defaults.maxLength >= defaults.contextLength.value_or(mostTokens))
    return defaultMaxTokens;
  if (*defaults.maxLength <= promptTokens)
    return refuse("the prompt's {} tokens leave no room in the {} that the "
                  "model is set to: say how many may come",
                  promptTokens, *defaults.maxLength);
  return *defaults.maxLength - promptTokens;
}

static void fillSampling(GenerateOptions &o, const GenerationDefaults &d) {
  bool samples = asksToSample(o);
  if (!o.beams)
    o.beams = samples ? 1 : d.beams.value_or(1);
  if (!o.temperature && !samples)
    samples = *o.beams == 1 && d.doSample.value_or(false);
  if (!o.temperature)
    o.temperature = samples ? d.temperature.value_or(1) : 0;
  o.topK = o.topK.value_or(d.topK.value_or(0));
  o.topP = o.topP.value_or(d.topP.value_or(1));
  o.minP = o.minP.value_or(d.minP.value_or(0));
}

static void fillRest(GenerateOptions &o, const GenerationDefaults &d,
                     int64_t promptTokens) {
  if (!o.minTokens)
    o.minTokens = std::max({int64_t(0), d.minNewTokens.value_or(0),
                            d.minLength.value_or(0) - promptTokens});
  o.repetitionPenalty =
      o.repetitionPenalty.value_or(d.repetitionPenalty.value_or(1));
  o.noRepeatNgram = o.noRepeatNgram.value_or(d.noRepeatNgram.value_or(0));
  if (!o.sequences)
    o.sequences =
        *o.temperature > 0 || *o.beams > 1 ? d.sequences.value_or(1) : 1;
  auto token = [](const std::optional<int64_t> &id) {
    return id ? std::optional(static_cast<uint32_t>(*id)) : std::nullopt;
  };
  o.forcedBos = o.forcedBos ? o.forcedBos : token(d.forcedBos);
  o.forcedEos = o.forcedEos ? o.forcedEos : token(d.forcedEos);
  o.suppressed = o.suppressed.value_or(d.suppressed);
  o.firstSuppressed = o.firstSuppressed.value_or(d.firstSuppressed);
  o.lengthPenalty = o.lengthPenalty.value_or(d.lengthPenalty.value_or(1));
  if (!o.earlyStopping)
    o.earlyStopping =
        earlyStoppingFromName(d.earlyStopping).value_or(EarlyStopping::No);
  for (int64_t token : d.eos)
    if (!o.ignoreEos)
      o.stopTokens.push_back(static_cast<uint32_t>(token));
  std::sort(o.stopTokens.begin(), o.stopTokens.end());
  o.stopTokens.erase(std::unique(o.stopTokens.begin(), o.stopTokens.end()),
                     o.stopTokens.end());
}

static Status checkSequences(const GenerateOptions &o) {
  if (*o.beams > 1 && *o.sequences > *o.beams)
    return refuse("{} sequences of {} beams: at most as many as beams",
                  *o.sequences, *o.beams);
  if (*o.beams == 1 && *o.temperature == 0 && *o.sequences > 1)
    return refuse("{} sequences without sampling would all be the same: give "
                  "a temperature above 0, or beams",
                  *o.sequences);
  return Status();
}

Result<GenerateOptions> complete(const GenerateOptions &options,
                                 const GenerationDefaults &defaults,
                                 int64_t promptTokens) {
  GenerateOptions o = options;
  if (Status status = checkTogether(o); !status)
    return status;
  if (!o.maxTokens) {
    auto length = defaultLength(defaults, promptTokens);
    if (!length)
      return length.takeStatus();
    o.maxTokens = *length;
  }
  fillSampling(o, defaults);
  fillRest(o, defaults, promptTokens);
  if (Status status = checkCounts(o); !status)
    return status;
  if (Status status = checkNumbers(o); !status)
    return status;
  if (Status status = checkStopStrings(o.stopStrings); !status)
    return status;
  if (Status status = checkSequences(o); !status)
    return status;
  return o;
}

Status checkTokens(const GenerateOptions &options, size_t vocabulary) {
  for (const LogitBias &bias : options.logitBias)
    if (bias.token >= vocabulary)
      return refuse("logit bias of token {}: the vocabulary has {}", bias.token,
                    vocabulary);
  for (uint32_t token : options.stopTokens)
    if (token >= vocabulary)
      return refuse("stop token {}: the vocabulary has {}", token, vocabulary);
  return Status();
}

Status checkForced(const GenerateOptions &options, size_t vocabulary) {
  for (const auto &forced : {options.forcedBos, options.forcedEos})
    if (forced && *forced >= vocabulary)
      return refuse("forced token {}: the vocabulary has {}", *forced,
                    vocabulary);
  return Status();
}

} // namespace llmc
