// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/GenerateFlags.h"
#include <charconv>
#include <fmt/format.h>

namespace llmc::cli {

/// ID=BIAS
static LogitBias parseBias(const std::string &text) {
  LogitBias bias = {};
  size_t equals = text.find('=');
  const char *begin = text.data(), *end = begin + text.size();
  if (equals != std::string::npos) {
    auto id = std::from_chars(begin, begin + equals, bias.token);
    auto number = std::from_chars(begin + equals + 1, end, bias.bias);
    if (id.ec == std::errc() && id.ptr == begin + equals &&
        number.ec == std::errc() && number.ptr == end)
      return bias;
  }
  throw CLI::ValidationError(
      "--logit-bias",
      fmt::format("'{}' is not ID=BIAS, such as 42=-5 or 42=-inf", text));
}

static void addLength(CLI::App *verb, GenerateOptions &o) {
  const std::string group = "Length of the text";
  verb->add_option("--max-tokens", o.maxTokens,
                   "Tokens to generate at most (default: the model's, or 256)")
      ->group(group);
  verb->add_option("--min-tokens", o.minTokens,
                   "Rule out end tokens before so many tokens")
      ->group(group);
  verb->add_option("--time-limit", o.timeLimit,
                   "Seconds after which the text ends with its next token")
      ->group(group);
  verb->add_option("--stop", o.stopStrings,
                   "End before this text, wherever tokens begin and end "
                   "(repeat for more)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);
  verb->add_option("--stop-token", o.stopTokens,
                   "End at this token id, as at the model's end tokens (repeat "
                   "for more)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);
  verb->add_flag("--ignore-eos", o.ignoreEos,
                 "Go on after the model's end tokens")
      ->group(group);
}

static void addPenalties(CLI::App *verb, GenerateOptions &o) {
  const std::string group = "What is likelier or may not come, in this order";
  verb->add_option_function<std::vector<std::string>>(
          "--logit-bias",
          [&o](const std::vector<std::string> &texts) {
            for (const std::string &text : texts)
              o.logitBias.push_back(parseBias(text));
          },
          "ID=BIAS: add this to the logit of a token; 5 makes it much "
          "likelier, -inf rules it out (repeat for more)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("ID=BIAS")
      ->group(group);
  verb->add_option("--repetition-penalty", o.repetitionPenalty,
                   "Above 1: tokens of the prompt and the text are less likely "
                   "(divides their logits); 1.1 is a usual value")
      ->group(group);
  verb->add_option("--presence-penalty", o.presencePenalty,
                   "Taken from the logits of tokens that the new text has")
      ->group(group);
  verb->add_option("--frequency-penalty", o.frequencyPenalty,
                   "Taken from them as often as the new text has them")
      ->group(group);
  verb->add_option("--no-repeat-ngram", o.noRepeatNgram,
                   "No run of so many tokens comes twice; 0: any may")
      ->group(group);
}

static void addSampling(CLI::App *verb, GenerateOptions &o) {
  const std::string group =
      "Choice of the next token (default: the model's, or the best one)";
  CLI::Option *greedy =
      verb->add_flag_callback(
              "--greedy", [&o] { o.temperature = 0; },
              "Always take the best token: the same text each time")
          ->group(group);
  verb->add_option(
          "--temperature", o.temperature,
          "Draw tokens; below 1 likely ones more often, above 1 others "
          "too; 0: greedy")
      ->excludes(greedy)
      ->group(group);
  verb->add_option("--top-k", o.topK, "Draw among the k best; 0: all")
      ->group(group);
  verb->add_option("--top-p", o.topP,
                   "Draw among the best tokens of this probability in all; "
                   "1: all")
      ->group(group);
  verb->add_option("--min-p", o.minP,
                   "Draw among tokens at least so likely relative to the best; "
                   "0: all")
      ->group(group);
  verb->add_option("--seed", o.seed,
                   "Another text for another number, the same for the same "
                   "(default: 0)")
      ->group(group);
}

static void addSequences(CLI::App *verb, GenerateOptions &o) {
  const std::string group = "Several texts";
  verb->add_option("--sequences", o.sequences,
                   "Draw so many texts, or show so many of the beams")
      ->group(group);
  verb->add_option("--beams", o.beams,
                   "Keep the likeliest so many texts at each token and show "
                   "the best in the end, in place of --temperature")
      ->group(group);
  verb->add_option("--length-penalty", o.lengthPenalty,
                   "A beam scores its log probability over length^penalty: "
                   "above 0 favours long texts (default: the model's, or 1)")
      ->group(group);
  verb->add_option_function<std::string>(
          "--early-stopping",
          [&o](const std::string &name) {
            o.earlyStopping = earlyStoppingFromName(name);
          },
          "When beams end: yes, with so many finished texts as beams; no, when "
          "no open one would be among the best now; never, when none could "
          "ever be")
      ->check(CLI::IsMember({"yes", "no", "never"}))
      ->group(group);
  verb->add_option("--logprobs", o.logprobs,
                   "With --json: each token's log probability by the model "
                   "alone, and those of so many of the best tokens")
      ->group(group);
}

void addGenerateFlags(CLI::App *verb, GenerateOptions &options) {
  addSampling(verb, options);
  addLength(verb, options);
  addPenalties(verb, options);
  addSequences(verb, options);
}

} // namespace llmc::cli
