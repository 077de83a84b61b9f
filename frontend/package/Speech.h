// SPDX-License-Identifier: Apache-2.0
// How a folder of a Whisper-type model wants its sound, out of
// preprocessor_config.json, and which of its tokens say what about speech, out
// of generation_config.json or config.json.
#ifndef LLMC_FRONTEND_PACKAGE_SPEECH_H
#define LLMC_FRONTEND_PACKAGE_SPEECH_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace llmc {

struct SpeechSettings {
  int64_t rate = 0; // samples a second; 0: the model takes no sound
  int64_t fft = 400, hop = 160, bins = 80;         // of the log-mel features
  int64_t samples = 480'000;                       // of a window
  std::map<std::string, int64_t> languages, tasks; // "en", "transcribe"
  std::vector<int64_t> start; // tokens that follow the first one
  std::optional<int64_t> noTimestamps, latestStart;
};

/// Reads the folder's preprocessor_config.json, where it is of this kind, and
/// the first of `configs` that is there and says something. Throws InputError.
void loadSpeech(const std::string &folder,
                const std::vector<std::string> &configs,
                SpeechSettings &speech);

} // namespace llmc

#endif // LLMC_FRONTEND_PACKAGE_SPEECH_H
