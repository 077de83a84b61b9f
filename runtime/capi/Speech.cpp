// SPDX-License-Identifier: Apache-2.0
// llmc.h: text out of sound.
#include "runtime/audio/Wav.h"
#include "runtime/capi/Generation.h"
#include "runtime/capi/Handles.h"
#include "runtime/session/Transcriber.h"
#include <algorithm>

using namespace llmc;
using namespace llmc::capi;

Status llmc_session::needTranscriber() {
  if (transcriber)
    return Status();
  if (Status status = needSession(); !status)
    return status;
  auto tokenizer = core->tokenizer();
  if (!tokenizer)
    return tokenizer.takeStatus();
  auto made = Transcriber::create(*session, **tokenizer);
  if (!made)
    return made.takeStatus();
  transcriber = std::move(*made);
  return Status();
}

LlmcStatus llmc_read_wav(const void *file, size_t size, float *samples,
                         size_t capacity, size_t *count, int64_t *rate) {
  return guard([&]() -> Status {
    if (Status status = checkArguments("llmc_read_wav",
                                       {{"file", file, size == 0},
                                        {"samples", samples, capacity == 0},
                                        {"count", count},
                                        {"rate", rate}});
        !status)
      return status;
    auto sound = readWav({static_cast<const std::byte *>(file), size});
    if (!sound)
      return sound.takeStatus();
    *count = sound->samples.size();
    *rate = sound->rate;
    std::copy_n(sound->samples.begin(),
                std::min(capacity, sound->samples.size()), samples);
    return Status();
  });
}

LlmcTranscribeOptions llmc_transcribe_defaults(void) {
  return {.language = nullptr,
          .task = nullptr,
          .timestamps = 0,
          .generate = nullptr};
}

static Result<TranscribeOptions> optionsOf(const LlmcTranscribeOptions &from) {
  TranscribeOptions to;
  if (from.language)
    to.language = from.language;
  if (from.task)
    to.task = from.task;
  to.timestamps = from.timestamps != 0;
  auto given = complete(from.generate);
  if (!given)
    return given.takeStatus();
  auto generate = capi::convert(*given);
  if (!generate)
    return generate.takeStatus();
  to.generate = std::move(*generate);
  return to;
}

LlmcStatus llmc_session_transcribe(llmc_session *session, const float *samples,
                                   size_t count, int64_t rate,
                                   const LlmcTranscribeOptions *options,
                                   LlmcSegmentCallback callback, void *user,
                                   LlmcTranscribeResult *result) {
  return onSession(session, "llmc_session_transcribe", [&]() -> Status {
    if (Status status = checkArguments(
            "llmc_session_transcribe",
            {{"samples", samples, count == 0},
             {"callback", reinterpret_cast<const void *>(callback)}});
        !status)
      return status;
    auto converted = optionsOf(options ? *options : llmc_transcribe_defaults());
    if (!converted)
      return converted.takeStatus();
    if (Status status = session->needTranscriber(); !status)
      return status;
    auto onSegment = [&](const SpokenPiece &segment) {
      LlmcSegment told = {.start = segment.start,
                          .end = segment.end,
                          .text = segment.text.data(),
                          .length = segment.text.size(),
                          .tokens = segment.tokens.data(),
                          .token_count = segment.tokens.size()};
      return callback(user, &told) == 0;
    };
    auto made = session->transcriber->run({samples, count}, rate, *converted,
                                          onSegment);
    if (!made)
      return made.takeStatus();
    if (result) {
      *result = {.tokens = made->tokens,
                 .audio_seconds = made->audioSeconds,
                 .feature_seconds = made->featureSeconds,
                 .encoder_seconds = made->encoderSeconds,
                 .decoder_seconds = made->decoderSeconds,
                 .language = {}};
      made->language.copy(result->language, sizeof result->language - 1);
    }
    return Status();
  });
}
