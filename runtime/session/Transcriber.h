// SPDX-License-Identifier: Apache-2.0
// Text out of sound, as Whisper-type models give it: windows of sound become
// log-mel features, which the encoder reads and the decoder writes about, with
// or without times. Used by the C interface and `llmc run`; one thread at a
// time.
#ifndef LLMC_RUNTIME_SESSION_TRANSCRIBER_H
#define LLMC_RUNTIME_SESSION_TRANSCRIBER_H

#include "runtime/audio/LogMel.h"
#include "runtime/session/GenerateOptions.h"
#include "runtime/session/Session.h"
#include "runtime/text/Tokenizer.h"
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmc {

struct TranscribeOptions {
  std::string language = {}; // "en"; empty: the one that the sound begins with
  std::string task = {};     // "transcribe" or "translate"; empty: the former
  bool timestamps = false;
  /// Of each window's text; one sequence of at most the context's length.
  GenerateOptions generate = {};
};

/// A piece of text: a window's, or with timestamps what stands between two of
/// them. Valid during the call.
struct SpokenPiece {
  double start = 0, end = 0; // seconds from the start of the sound
  std::string_view text = {};
  std::span<const uint32_t> tokens = {}; // those of times among them
};

/// false: stop.
using OnSegment = std::function<bool(const SpokenPiece &)>;

struct TranscribeResult {
  std::string language; // said or found; empty: the model knows one
  int64_t tokens = 0;
  double audioSeconds = 0;
  double featureSeconds = 0, encoderSeconds = 0, decoderSeconds = 0;
};

class Transcriber {
public:
  /// Unsupported where the session's model takes no sound. Both outlive it.
  static Result<std::unique_ptr<Transcriber>>
  create(Session &session, const text::Tokenizer &tokenizer);

  /// One channel of samples at any rate (Wav.h); segments come as they are
  /// found. With timestamps a window begins where the last whole segment of the
  /// one before it ends, else where that one ends.
  Result<TranscribeResult> run(std::span<const float> samples, int64_t rate,
                               const TranscribeOptions &options,
                               const OnSegment &onSegment);

private:
  Transcriber(Session &session, const text::Tokenizer &tokenizer,
              const SpeechDefaults &speech);
  struct Window;
  Status checkFeatures() const;
  Result<Window> read(std::span<const float> samples, TranscribeResult &result);
  /// From a window that begins at sample `at`: samples to the next one, or
  /// `stopped`.
  Result<int64_t> write(const Window &window, int64_t at,
                        TranscribeResult &result, const OnSegment &onSegment);
  static constexpr int64_t stopped = 0;
  Result<int64_t> token(const std::map<std::string, int64_t> &known,
                        const std::string &name, const char *kind) const;
  Result<std::vector<int64_t>> start(const TranscribeOptions &options,
                                     std::string &language);
  Result<std::string> detectLanguage(int64_t first);
  Status prepare(const TranscribeOptions &options);

  Session &session_;
  const text::Tokenizer &tokenizer_;
  const SpeechDefaults &speech_;
  LogMel mel_;
  std::optional<int64_t> noTimestamps_;
  std::vector<int64_t> prompt_; // of every window's text
  GenerateOptions generate_;
};

} // namespace llmc

#endif
