// SPDX-License-Identifier: Apache-2.0
#include "frontend/package/Speech.h"

#include "frontend/InputError.h"
#include "frontend/package/Json.h"

#include <filesystem>
#include <fmt/format.h>

namespace llmc {

namespace {

constexpr int64_t maxId = INT32_MAX;
constexpr size_t maxNames = 1024;

void takeFeatures(const JsonObject &json, SpeechSettings &out) {
  out.rate = json.integer("sampling_rate", 1000, 384'000).value_or(16'000);
  out.fft = json.integer("n_fft", 2, 8192).value_or(out.fft);
  out.hop = json.integer("hop_length", 1, out.fft).value_or(out.hop);
  out.bins = json.integer("feature_size", 1, 1024).value_or(out.bins);
  int64_t seconds = json.integer("chunk_length", 1, 600).value_or(30);
  out.samples = json.integer("n_samples", out.fft, int64_t{1} << 28)
                    .value_or(seconds * out.rate);
  if (out.samples % out.hop != 0 || out.samples <= out.fft)
    json.fail("n_samples",
              fmt::format("a window of {} samples: a multiple of {} above {} "
                          "is expected",
                          out.samples, out.hop, out.fft));
}

/// {"<|en|>": 50259, ...} and {"transcribe": 50359, ...}
std::map<std::string, int64_t> namedTokens(const JsonObject &json,
                                           const char *key) {
  std::map<std::string, int64_t> out;
  const nlohmann::json *found = json.find(key);
  if (!found)
    return out;
  if (!found->is_object() || found->size() > maxNames)
    json.fail(key, fmt::format("an object of at most {} tokens is expected",
                               maxNames));
  std::optional<JsonObject> tokens = json.object(key);
  for (const auto &[name, id] : found->items()) {
    bool isTag =
        name.starts_with("<|") && name.ends_with("|>") && name.size() > 4;
    out[isTag ? name.substr(2, name.size() - 4) : name] =
        *tokens->integer(name.c_str(), 0, maxId);
  }
  return out;
}

/// [[1, 50259], [2, 50359]]: places from 1 on without a gap, and their tokens.
std::vector<int64_t> forcedTokens(const JsonObject &json) {
  constexpr const char *key = "forced_decoder_ids";
  constexpr size_t most = 64;
  std::vector<int64_t> out;
  const nlohmann::json *found = json.find(key);
  if (!found)
    return out;
  if (!found->is_array() || found->size() > most)
    json.fail(key, fmt::format("a list of at most {} is expected", most));
  for (const nlohmann::json &pair : *found) {
    bool fits = pair.is_array() && pair.size() == 2 &&
                pair[0] == static_cast<int64_t>(out.size()) + 1;
    // Older files leave a place open for the language, which is then detected.
    if (fits && pair[1].is_null())
      return {};
    if (!fits || !pair[1].is_number_integer() || pair[1] < 0 || pair[1] > maxId)
      json.fail(key, "pairs of a place, from 1 on, and a token are expected");
    out.push_back(pair[1].get<int64_t>());
  }
  return out;
}

void takeTokens(const JsonObject &json, SpeechSettings &out) {
  if (out.languages.empty())
    out.languages = namedTokens(json, "lang_to_id");
  if (out.tasks.empty())
    out.tasks = namedTokens(json, "task_to_id");
  if (out.start.empty())
    out.start = forcedTokens(json);
  if (!out.noTimestamps)
    out.noTimestamps = json.integer("no_timestamps_token_id", 0, maxId);
  if (!out.latestStart)
    out.latestStart = json.integer("max_initial_timestamp_index", 0, maxId);
}

} // namespace

void loadSpeech(const std::string &folder,
                const std::vector<std::string> &configs,
                SpeechSettings &speech) {
  std::string path = folder + "/preprocessor_config.json";
  std::error_code code;
  if (!std::filesystem::exists(path, code))
    return;
  nlohmann::json json = loadJson(path);
  JsonObject root(json, path);
  if (root.string("feature_extractor_type") != "WhisperFeatureExtractor")
    return;
  takeFeatures(root, speech);
  for (const std::string &config : configs) {
    if (config.empty())
      continue;
    nlohmann::json inner = loadJson(config);
    takeTokens(JsonObject(inner, config), speech);
  }
}

} // namespace llmc
