// SPDX-License-Identifier: Apache-2.0
// How a model wants to be sampled and where it ends, out of genai_config.json,
// generation_config.json and config.json.
#ifndef LLMC_FRONTEND_PACKAGE_GENERATION_H
#define LLMC_FRONTEND_PACKAGE_GENERATION_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace llmc {

class Remarks;

/// What no file says stays at these values, which choose the most likely token.
struct GenerationSettings {
  std::vector<int64_t> eosIds; // generation ends at any of them
  std::optional<int64_t> bosId, padId;
  std::optional<int64_t> decoderStartId;           // of an encoder's decoder
  std::optional<int64_t> forcedBosId, forcedEosId; // first, and last of all
  std::vector<int64_t> suppressedIds;              // never come
  std::vector<int64_t> firstSuppressedIds;         // are not the first
  bool doSample = false;
  double temperature = 1.0;
  int64_t topK = 0; // 0: all tokens
  double topP = 1.0;
  double minP = 0.0;
  double repetitionPenalty = 1.0;
  int64_t noRepeatNgram = 0; // 0: runs of any length may repeat
  std::optional<int64_t> minLength, maxLength; // of prompt and answer together
  std::optional<int64_t> minNewTokens, maxNewTokens;
  int64_t sequences = 1, beams = 1;
  double lengthPenalty = 1.0;
  std::string earlyStopping = "no"; // yes, never
};

/// What the configuration says about the model itself; hints for messages and
/// checks.
struct ModelFacts {
  std::string modelType; // "llama", "bert", ...
  std::vector<std::string> architectures;
  std::optional<int64_t> vocabSize, contextLength, hiddenSize, layers, heads,
      kvHeads, headSize;
};

/// Paths of the files that are there; empty where one isn't.
struct ConfigFiles {
  std::string genai, generation, config;
};

/// genai_config.json goes before generation_config.json, that before
/// config.json. Throws InputError on a wrong type or value.
void loadGeneration(const ConfigFiles &files, GenerationSettings &generation,
                    ModelFacts &facts, Remarks &remarks);

} // namespace llmc

#endif // LLMC_FRONTEND_PACKAGE_GENERATION_H
