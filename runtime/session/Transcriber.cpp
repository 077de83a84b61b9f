// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Transcriber.h"
#include "runtime/audio/Resampler.h"
#include "runtime/audio/Wav.h"
#include "runtime/session/Generator.h"
#include "runtime/session/Segments.h"
#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace llmc {

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Result<std::unique_ptr<Transcriber>>
Transcriber::create(Session &session, const text::Tokenizer &tokenizer) {
  const Artifact &artifact = session.model().artifact();
  const SpeechDefaults &speech = artifact.manifest().speech;
  if (!session.hasSource() || session.source().takesTokens())
    return Error{Code::Unsupported, "the model takes no sound",
                 artifact.path()};
  if (speech.rate == 0)
    return Error{.code = Code::Unsupported,
                 .what = "how sound becomes features is not known",
                 .file = artifact.path(),
                 .hint = "compile the model with its preprocessor_config.json"};
  std::unique_ptr<Transcriber> made(
      new Transcriber(session, tokenizer, speech));
  if (Status status = made->checkFeatures(); !status)
    return std::move(status).inFile(artifact.path());
  return made;
}

Transcriber::Transcriber(Session &session, const text::Tokenizer &tokenizer,
                         const SpeechDefaults &speech)
    : session_(session), tokenizer_(tokenizer), speech_(speech),
      mel_({speech.rate, speech.fft, speech.hop, speech.bins, speech.samples}),
      noTimestamps_(speech.noTimestamps) {
  if (auto id = tokenizer.idOf("<|notimestamps|>"); id && !noTimestamps_)
    noTimestamps_ = *id;
}

Status Transcriber::checkFeatures() const {
  const TensorInfo &info = *session_.source().features();
  const MelSettings &mel = mel_.settings();
  const int64_t made[] = {1, mel.bins, mel.frames()};
  for (size_t d = 1; d < 3; ++d)
    if (info.dims[d].isFixed() && info.dims[d].size != made[d])
      return Status(
          Code::Unsupported,
          fmt::format("input '{}' dim {} = {}, and the features' settings "
                      "give {}",
                      info.name, d, info.dims[d].size, made[d]));
  return Status();
}

/// What a window of sound became.
struct Transcriber::Window {
  int64_t steps; // of time, as tokens count it
  double secondsPerStep;
};

Result<Transcriber::Window> Transcriber::read(std::span<const float> samples,
                                              TranscribeResult &result) {
  auto start = Clock::now();
  std::vector<float> features = mel_.run(samples);
  result.featureSeconds += secondsSince(start);
  start = Clock::now();
  const MelSettings &mel = mel_.settings();
  if (Status status = session_.readSource(LlmcTensor{
          features.data(), LLMC_F32, 3, {1, mel.bins, mel.frames()}});
      !status)
    return status;
  result.encoderSeconds += secondsSince(start);
  int64_t steps = session_.source().positions();
  double seconds =
      static_cast<double>(mel.samples) / static_cast<double>(mel.rate);
  return Window{steps, seconds / static_cast<double>(steps)};
}

/// Of a name that the model's folder lists, or that the tokenizer has as a
/// token.
Result<int64_t> Transcriber::token(const std::map<std::string, int64_t> &known,
                                   const std::string &name,
                                   const char *kind) const {
  if (auto found = known.find(name); found != known.end())
    return found->second;
  if (auto id = tokenizer_.idOf(fmt::format("<|{}|>", name));
      id && known.empty())
    return int64_t{*id};
  std::string names;
  constexpr size_t shown = 200;
  for (const auto &[other, id] : known)
    if (names.size() < shown)
      names += (names.empty() ? "" : ", ") + other;
  return Error{.code = Code::BadInput,
               .what = fmt::format("the model knows no {} '{}'", kind, name),
               .hint = names.empty() ? "" : fmt::format("it knows {}", names)};
}

/// The language whose token is likeliest behind the first one.
Result<std::string> Transcriber::detectLanguage(int64_t first) {
  auto logits = session_.prefill({&first, 1});
  if (!logits)
    return logits.takeStatus();
  const std::string *best = nullptr;
  float score = 0;
  for (const auto &[name, id] : speech_.languages) {
    if (static_cast<size_t>(id) >= logits->size())
      continue;
    float logit = (*logits)[static_cast<size_t>(id)];
    if (!best || logit > score) {
      best = &name;
      score = logit;
    }
  }
  if (!best)
    return Status(Code::BadInput, "no language is in the vocabulary");
  if (Status status = session_.rewind(0); !status)
    return status;
  return *best;
}

/// The first tokens of a text: its language, its task, and whether there are
/// times.
Result<std::vector<int64_t>>
Transcriber::start(const TranscribeOptions &options, std::string &language) {
  auto first = session_.model().manifest().generation.decoderStart;
  if (!first)
    return Status(Code::BadInput, "the decoder's first token is not known");
  std::vector<int64_t> tokens = {*first};
  language = options.language;
  bool isAsked = !options.language.empty() || !options.task.empty();
  if (!speech_.languages.empty() || isAsked) {
    if (language.empty() && !speech_.languages.empty()) {
      auto found = detectLanguage(*first);
      if (!found)
        return found.takeStatus();
      language = *found;
    }
    if (language.empty())
      return Error{.code = Code::BadInput,
                   .what = "a task needs a language, and the model's folder "
                           "lists none to find it among",
                   .hint = "say the language of the sound"};
    auto spoken = token(speech_.languages, language, "language");
    auto task =
        token(speech_.tasks, options.task.empty() ? "transcribe" : options.task,
              "task");
    if (!spoken || !task)
      return spoken ? task.takeStatus() : spoken.takeStatus();
    tokens.insert(tokens.end(), {*spoken, *task});
  } else {
    tokens.insert(tokens.end(), speech_.start.begin(), speech_.start.end());
  }
  if (noTimestamps_ && tokens.back() == *noTimestamps_)
    tokens.pop_back();
  if (noTimestamps_ && !options.timestamps)
    tokens.push_back(*noTimestamps_);
  return tokens;
}

/// The settings that every window shares; its prompt is known by then.
Status Transcriber::prepare(const TranscribeOptions &options) {
  const GenerationDefaults &defaults = session_.model().manifest().generation;
  generate_ = options.generate;
  generate_.sequences = 1;
  auto room = session_.capacity() - static_cast<int64_t>(prompt_.size());
  if (room < 1)
    return Status(Code::Resource, "the context has no room for a text");
  if (!generate_.maxTokens)
    generate_.maxTokens = room;
  if (!options.timestamps)
    return Status();
  if (!noTimestamps_ || defaults.eos.empty())
    return Status(Code::Unsupported,
                  "which tokens stand for times is not known");
  TimestampRules rules = {static_cast<uint32_t>(*noTimestamps_) + 1,
                          static_cast<uint32_t>(*noTimestamps_),
                          static_cast<uint32_t>(defaults.eos.front()),
                          std::nullopt};
  if (speech_.latestStart)
    rules.latestStart = static_cast<uint32_t>(*speech_.latestStart);
  generate_.timestamps = rules;
  return Status();
}

Result<TranscribeResult> Transcriber::run(std::span<const float> samples,
                                          int64_t rate,
                                          const TranscribeOptions &options,
                                          const OnSegment &onSegment) {
  if (rate < leastSampleRate || rate > mostSampleRate)
    return Status(Code::BadInput,
                  fmt::format("{} samples a second: {} to {} are read", rate,
                              leastSampleRate, mostSampleRate));
  if (samples.empty())
    return Status(Code::BadInput, "the sound has no samples");
  if (options.generate.sequences.value_or(1) != 1)
    return Status(Code::BadInput, "sound has one text: leave out sequences");
  TranscribeResult result;
  result.audioSeconds =
      static_cast<double>(samples.size()) / static_cast<double>(rate);
  auto begin = Clock::now();
  std::vector<float> sound = Resampler(rate, speech_.rate).run(samples);
  result.featureSeconds = secondsSince(begin);
  auto length = static_cast<int64_t>(sound.size());
  prompt_.clear();
  for (int64_t at = 0; at == 0 || length - at >= speech_.hop;) {
    auto piece = std::span(sound).subspan(
        static_cast<size_t>(at),
        static_cast<size_t>(std::min(speech_.samples, length - at)));
    auto window = read(piece, result);
    if (!window)
      return window.takeStatus();
    begin = Clock::now();
    if (prompt_.empty()) {
      auto tokens = start(options, result.language);
      if (!tokens)
        return tokens.takeStatus();
      prompt_ = std::move(*tokens);
      if (Status status = prepare(options); !status)
        return status;
    }
    auto next = write(*window, at, result, onSegment);
    result.decoderSeconds += secondsSince(begin);
    if (!next)
      return next.takeStatus();
    if (*next == stopped)
      break;
    at += *next;
  }
  return result;
}

Result<int64_t> Transcriber::write(const Window &window, int64_t at,
                                   TranscribeResult &result,
                                   const OnSegment &onSegment) {
  std::vector<uint32_t> tokens;
  auto made = generateFrom(session_, tokenizer_, prompt_, generate_,
                           [&](const Generated &generated) {
                             if (generated.token != noToken)
                               tokens.push_back(generated.token);
                             return true;
                           });
  if (!made)
    return made.takeStatus();
  result.tokens += made->tokens;
  uint32_t firstTime =
      generate_.timestamps ? generate_.timestamps->first : noToken;
  // A model may say a time though it was told that there are none.
  int64_t afterText = noTimestamps_ ? *noTimestamps_ + 1 : int64_t{noToken};
  WindowSegments cut = cutSegments(tokens, firstTime, window.steps);
  double offset = static_cast<double>(at) / static_cast<double>(speech_.rate);
  for (const TokenSegment &segment : cut.segments) {
    std::vector<uint32_t> words;
    std::copy_if(segment.tokens.begin(), segment.tokens.end(),
                 std::back_inserter(words),
                 [&](uint32_t token) { return int64_t{token} < afterText; });
    auto text = tokenizer_.decode(words);
    if (!text)
      return text.takeStatus();
    auto seconds = [&](int64_t steps) {
      return std::min(result.audioSeconds, offset + static_cast<double>(steps) *
                                                        window.secondsPerStep);
    };
    if (!onSegment({seconds(segment.start), seconds(segment.end), *text,
                    segment.tokens}))
      return stopped;
  }
  return cut.next * speech_.samples / window.steps;
}

} // namespace llmc
