// SPDX-License-Identifier: Apache-2.0
// How text is generated: one struct of settings for programs, the C interface
// and the command line, with the artifact's defaults behind it. Plain values.
#ifndef LLMC_RUNTIME_SESSION_GENERATEOPTIONS_H
#define LLMC_RUNTIME_SESSION_GENERATEOPTIONS_H

#include "runtime/core/Status.h"
#include "runtime/model/Manifest.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::grammar {
class Constraint;
}

namespace llmc {

struct LogitBias {
  uint32_t token;
  double bias; // added to the token's logit; minus infinity rules it out
};

/// When a beam search ends: Yes, with as many finished texts as beams; No, when
/// none that is still open would be among the best at its present length;
/// Never, when none could be among them at any length.
enum class EarlyStopping { No, Yes, Never };

/// By its name in the manifest and on the command line: no, yes, never.
std::optional<EarlyStopping> earlyStoppingFromName(std::string_view name);

/// Tokens from `first` on stand for times, in order: they come in pairs, around
/// text, and never go back (Radford et al.: Robust Speech Recognition via
/// Large-Scale Weak Supervision, 2022).
struct TimestampRules {
  uint32_t first;
  uint32_t none; // says that there are no times; ruled out
  uint32_t end;  // tokens below it are text
  std::optional<uint32_t> latestStart; // of the first time, as a distance
};

/// What is optional and not given is the artifact's default, else the value in
/// brackets. Scores pass what follows "Scores" in its order, which is that of
/// the logits processors of transformers; presence and frequency penalties,
/// which it lacks, stand behind the repetition penalty.
struct GenerateOptions {
  // ---- Length
  /// New tokens at most [256].
  std::optional<int64_t> maxTokens = {};
  /// No end token comes before so many [0].
  std::optional<int64_t> minTokens = {};
  /// Seconds from the start, looked at after each token; 0: none.
  double timeLimit = 0;

  // ---- Scores
  std::vector<LogitBias> logitBias = {};
  /// Above 0 [1]. Once for every token of the prompt and the text: positive
  /// scores are divided by it, negative ones multiplied (Keskar et al.: CTRL,
  /// 2019).
  std::optional<double> repetitionPenalty = {};
  /// Taken from the scores of tokens that the new text has.
  double presencePenalty = 0;
  /// Taken from them as often as the new text has them.
  double frequencyPenalty = 0;
  /// No run of so many tokens comes twice [0: any may].
  std::optional<int64_t> noRepeatNgram = {};
  /// The first new token, and the last one of a text that is as long as it may
  /// be [none].
  std::optional<uint32_t> forcedBos = {}, forcedEos = {};
  /// Never come, and are not the first token [none].
  std::optional<std::vector<int64_t>> suppressed = {}, firstSuppressed = {};
  /// Where tokens stand for times.
  std::optional<TimestampRules> timestamps = {};
  /// Divides the scores; 0: the best token is taken [0, or 1 when one of the
  /// next three is given].
  std::optional<double> temperature = {};
  /// Among the k best [0: all].
  std::optional<int64_t> topK = {};
  /// Among the best of this probability in all, in (0, 1] [1] (Holtzman et al.:
  /// The Curious Case of Neural Text Degeneration, 2020).
  std::optional<double> topP = {};
  /// Among those at least so likely relative to the best, in [0, 1] [0] (Nguyen
  /// et al.: Turning Up the Heat, 2024).
  std::optional<double> minP = {};
  /// Token i of sequence s draws Philox with the seed as key and (i, s) as
  /// counter, whatever runs beside it.
  uint64_t seed = 0;

  // ---- Sequences
  /// Texts for the prompt [1].
  std::optional<int64_t> sequences = {};
  /// Above 1: a beam search [1].
  std::optional<int64_t> beams = {};
  /// A beam's text of n tokens scores sum(log probabilities) / n^penalty [1].
  std::optional<double> lengthPenalty = {};
  std::optional<EarlyStopping> earlyStopping = {}; // [No]

  // ---- Ends
  /// Besides the model's end tokens.
  std::vector<uint32_t> stopTokens = {};
  /// The text ends before the first of them.
  std::vector<std::string> stopStrings = {};
  /// Go on after the model's end tokens.
  bool ignoreEos = false;
  /// What the text must be, for one thread at a time. End tokens come exactly
  /// where it is complete; the maximum of tokens and stop strings may cut it.
  std::shared_ptr<grammar::Constraint> constraint = {};

  // ---- What is told
  /// Each token's log probability by the model alone, and those of so many of
  /// the best tokens [none].
  std::optional<int64_t> logprobs = {};
  /// Special tokens around the prompt, as the tokenizer says.
  bool addSpecial = true;
};

/// The settings with nothing left open: every optional but logprobs has a
/// value, and stopTokens has all end tokens. BadInput names a setting that is
/// impossible or does not go with another.
Result<GenerateOptions> complete(const GenerateOptions &options,
                                 const GenerationDefaults &defaults,
                                 int64_t promptTokens);

/// Refuses tokens that a vocabulary of this size does not have.
Status checkTokens(const GenerateOptions &options, size_t vocabulary);
/// The same of the tokens that completed options force.
Status checkForced(const GenerateOptions &options, size_t vocabulary);

} // namespace llmc

#endif
