// SPDX-License-Identifier: Apache-2.0
// The settings of generate() as the fields of LlmcGenerateOptions.
#include "bindings/python/native/Bindings.h"
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <set>

namespace llmc::python {

namespace {

/// Takes settings by name and notes which there are.
class Taker {
public:
  Taker(const nb::dict &given, const char *function)
      : given_(given), function_(function) {}

  /// Whether it is there.
  template <typename T> bool take(const char *name, T &to) {
    known_.insert(name);
    if (!given_.contains(name))
      return false;
    try {
      to = nb::cast<T>(given_[name]);
      return true;
    } catch (const nb::cast_error &) {
      refuse("a wrong type for", name);
    }
  }

  /// After all of take().
  void refuseUnknown() const {
    for (auto [key, value] : given_)
      if (auto name = nb::cast<std::string>(key); !known_.contains(name))
        refuse("an unknown setting", name);
  }

private:
  [[noreturn]] void refuse(const char *why, const std::string &name) const {
    throw nb::type_error(
        (std::string(function_) + " got " + why + " '" + name + "'").c_str());
  }

  const nb::dict &given_;
  const char *function_;
  std::set<std::string> known_;
};

} // namespace

static void takeNumbers(Taker &taker, LlmcGenerateOptions &options) {
  taker.take("max_tokens", options.max_tokens);
  taker.take("min_tokens", options.min_tokens);
  taker.take("time_limit", options.time_limit);
  taker.take("repetition_penalty", options.repetition_penalty);
  taker.take("presence_penalty", options.presence_penalty);
  taker.take("frequency_penalty", options.frequency_penalty);
  taker.take("no_repeat_ngram", options.no_repeat_ngram);
  taker.take("temperature", options.temperature);
  taker.take("top_k", options.top_k);
  taker.take("top_p", options.top_p);
  taker.take("min_p", options.min_p);
  taker.take("seed", options.seed);
  taker.take("sequences", options.sequences);
  taker.take("beams", options.beams);
  taker.take("length_penalty", options.length_penalty);
  taker.take("logprobs", options.logprobs);
  int earlyStopping = options.early_stopping;
  taker.take("early_stopping", earlyStopping);
  options.early_stopping = static_cast<LlmcEarlyStopping>(earlyStopping);
  bool ignoreEos = options.ignore_eos, addSpecial = options.add_special;
  taker.take("ignore_eos", ignoreEos);
  taker.take("add_special", addSpecial);
  options.ignore_eos = ignoreEos;
  options.add_special = addSpecial;
}

static void takeLists(Taker &taker, GenerateSettings &settings) {
  std::vector<std::pair<uint32_t, double>> bias;
  taker.take("logit_bias", bias);
  for (auto [token, value] : bias)
    settings.logitBias.push_back({token, value});
  taker.take("stop_tokens", settings.stopTokens);
  taker.take("stop", settings.stopStrings);
  for (const std::string &text : settings.stopStrings)
    settings.stopPointers.push_back(text.c_str());
  LlmcGenerateOptions &options = settings.options;
  options.logit_bias = settings.logitBias.data();
  options.logit_bias_count = settings.logitBias.size();
  options.stop_tokens = settings.stopTokens.data();
  options.stop_token_count = settings.stopTokens.size();
  options.stop_strings = settings.stopPointers.data();
  options.stop_string_count = settings.stopPointers.size();
}

/// What the text must be. An empty text is given all the same.
static void takeConstraints(Taker &taker, GenerateSettings &settings) {
  auto take = [&](const char *name, std::string &text, const char *&to) {
    if (taker.take(name, text))
      to = text.c_str();
  };
  LlmcGenerateOptions &options = settings.options;
  take("json_schema", settings.jsonSchema, options.json_schema);
  take("grammar", settings.grammar, options.grammar);
  take("constraint", settings.constraint, options.constraint);
}

/// How tokens are proposed.
static void takeSpeculation(Taker &taker, GenerateSettings &settings) {
  LlmcGenerateOptions &options = settings.options;
  bool lookup = options.lookup;
  taker.take("lookup", lookup);
  options.lookup = lookup;
  if (taker.take("draft", settings.draft) && settings.draft)
    options.draft = settings.draft->session.get();
  taker.take("speculate_tokens", options.speculate_tokens);
}

std::unique_ptr<GenerateSettings> settingsFrom(const nb::dict &given,
                                               const char *function) {
  auto settings = std::make_unique<GenerateSettings>();
  settings->options = api::generateDefaults();
  Taker taker(given, function);
  takeNumbers(taker, settings->options);
  takeLists(taker, *settings);
  takeConstraints(taker, *settings);
  takeSpeculation(taker, *settings);
  taker.refuseUnknown();
  return settings;
}

} // namespace llmc::python
