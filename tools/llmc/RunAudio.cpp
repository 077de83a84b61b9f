// SPDX-License-Identifier: Apache-2.0
// `llmc run --audio`: text out of a WAV file.
#include "runtime/audio/Wav.h"
#include "runtime/core/File.h"
#include "runtime/session/Generator.h"
#include "runtime/session/Transcriber.h"
#include "tools/llmc/Interrupt.h"
#include "tools/llmc/Run.h"
#include <cmath>
#include <cstdio>
#include <fmt/format.h>

namespace llmc::cli {

using nlohmann::json;

/// "01:02.34", with hours where there are any.
static std::string clockTime(double seconds) {
  auto hundredths = static_cast<int64_t>(std::lround(seconds * 100));
  int64_t minutes = hundredths / 6000;
  std::string hours =
      minutes >= 60 ? fmt::format("{:02}:", minutes / 60) : std::string();
  return fmt::format("{}{:02}:{:02}.{:02}", hours, minutes % 60,
                     hundredths / 100 % 60, hundredths % 100);
}

/// Segments on their way to stdout: one a line with times or as they come, else
/// all in one.
class Transcript {
public:
  Transcript(const SpeechFlags &flags, bool isJson)
      : flags_(flags), isJson_(isJson) {}

  bool add(const SpokenPiece &segment) {
    if (isJson_) {
      segments_.push_back({{"start", segment.start},
                           {"end", segment.end},
                           {"text", segment.text},
                           {"ids", segment.tokens}});
      text_ += segment.text;
      return true;
    }
    if (!flags_.stream && !flags_.options.timestamps) {
      text_ += segment.text;
      return true;
    }
    std::string times;
    if (flags_.options.timestamps)
      times = fmt::format("[{} --> {}] ", clockTime(segment.start),
                          clockTime(segment.end));
    return printLine(times + std::string(trimmed(segment.text)));
  }

  void finish() {
    if (!isJson_ && !text_.empty())
      printLine(trimmed(text_));
  }

  json take(const TranscribeResult &result, const json &stats) {
    return {{"text", trimmed(text_)},
            {"language", result.language},
            {"segments", std::move(segments_)},
            {"stats", stats}};
  }

private:
  static std::string_view trimmed(std::string_view text) {
    size_t begin = text.find_first_not_of(' ');
    return begin == std::string_view::npos
               ? std::string_view()
               : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
  }
  static bool printLine(std::string_view line) {
    return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() &&
           std::fputc('\n', stdout) >= 0 && std::fflush(stdout) == 0;
  }

  const SpeechFlags &flags_;
  bool isJson_;
  std::string text_;
  json segments_ = json::array();
};

static json statsOf(const TranscribeResult &result) {
  double seconds =
      result.featureSeconds + result.encoderSeconds + result.decoderSeconds;
  json stats = {{"audio_seconds", result.audioSeconds},
                {"tokens", result.tokens},
                {"features_ms", 1e3 * result.featureSeconds},
                {"encoder_ms", 1e3 * result.encoderSeconds},
                {"decoder_ms", 1e3 * result.decoderSeconds}};
  if (result.audioSeconds > 0)
    stats["real_time_factor"] = seconds / result.audioSeconds;
  return stats;
}

static void printStats(const json &stats) {
  fmt::print(
      stderr,
      "note: {:.1f} s of sound: features {:.1f} ms, encoder {:.1f} ms, "
      "{} tokens in {:.1f} ms (real-time factor {:.3f})\n",
      stats["audio_seconds"].get<double>(), stats["features_ms"].get<double>(),
      stats["encoder_ms"].get<double>(), stats["tokens"].get<int64_t>(),
      stats["decoder_ms"].get<double>(), stats.value("real_time_factor", 0.0));
}

static Result<Sound> loadSound(const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.takeStatus();
  auto sound = readWav((*file)->bytes());
  if (!sound)
    return sound.takeStatus().inFile(path);
  return sound;
}

Status runAudio(const RunOptions &options, std::shared_ptr<const Model> model,
                Profile *profile, Shell &shell) {
  auto sound = loadSound(options.speech.file);
  if (!sound)
    return sound.takeStatus();
  auto tokenizer = loadTokenizer(model->artifact());
  if (!tokenizer)
    return tokenizer.takeStatus();
  auto session = Session::create(model, {.model = options.flags.model});
  if (!session)
    return session.takeStatus();
  (*session)->setProfile(profile);
  auto transcriber = Transcriber::create(**session, **tokenizer);
  if (!transcriber)
    return transcriber.takeStatus();
  TranscribeOptions settings = options.speech.options;
  settings.generate = options.generate;
  Transcript transcript(options.speech, shell.json);
  Interrupt interrupt(**session);
  auto result = (*transcriber)
                    ->run(sound->samples, sound->rate, settings,
                          [&](const SpokenPiece &segment) {
                            return transcript.add(segment);
                          });
  transcript.finish();
  if (interrupt.endsVerb(shell))
    return Status();
  if (!result)
    return result.takeStatus().inFile(options.artifact);
  json stats = statsOf(*result);
  if (shell.json)
    shell.document = transcript.take(*result, stats);
  else if (options.stats)
    printStats(stats);
  return Status();
}

} // namespace llmc::cli
