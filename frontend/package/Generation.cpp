// SPDX-License-Identifier: Apache-2.0
#include "frontend/package/Generation.h"

#include "frontend/InputError.h"
#include "frontend/package/Json.h"

#include <fmt/format.h>

namespace llmc {

namespace {

constexpr int64_t maxId = INT32_MAX;
constexpr int64_t maxCount = int64_t{1} << 40;
constexpr int64_t maxSequences = 1024; // what the runtime takes
constexpr int64_t maxBeams = 256;

template <typename T> void take(std::optional<T> &to, std::optional<T> from) {
  if (from)
    to = from;
}
template <typename T> void take(T &to, std::optional<T> from) {
  if (from)
    to = *from;
}

/// Some configurations write -1 for a token that the model doesn't have.
std::optional<int64_t> tokenId(const JsonObject &json, const char *key) {
  std::vector<int64_t> ids = json.integers(key, -1, maxId);
  return ids.empty() || ids[0] < 0 ? std::nullopt : std::optional(ids[0]);
}

/// A list, where -1 stands for none.
void takeList(const JsonObject &json, const char *key,
              std::vector<int64_t> &out) {
  std::vector<int64_t> ids = json.integers(key, -1, maxId);
  std::erase(ids, -1);
  if (json.find(key))
    out = ids;
}

void takeIds(const JsonObject &json, GenerationSettings &out) {
  std::vector<int64_t> eos = json.integers("eos_token_id", -1, maxId);
  std::erase(eos, -1);
  if (!eos.empty())
    out.eosIds = eos;
  take(out.bosId, tokenId(json, "bos_token_id"));
  take(out.padId, tokenId(json, "pad_token_id"));
  take(out.decoderStartId, tokenId(json, "decoder_start_token_id"));
  take(out.forcedBosId, tokenId(json, "forced_bos_token_id"));
  take(out.forcedEosId, tokenId(json, "forced_eos_token_id"));
  takeList(json, "suppress_tokens", out.suppressedIds);
  takeList(json, "begin_suppress_tokens", out.firstSuppressedIds);
}

/// true, false or "never".
void takeEarlyStopping(const JsonObject &json, GenerationSettings &out) {
  constexpr const char *key = "early_stopping";
  const nlohmann::json *found = json.find(key);
  if (!found)
    return;
  if (!found->is_string())
    out.earlyStopping = *json.boolean(key) ? "yes" : "no";
  else if (*found == "never")
    out.earlyStopping = "never";
  else
    json.fail(key, "true, false or \"never\" is expected");
}

void takeSampling(const JsonObject &json, GenerationSettings &out) {
  take(out.doSample, json.boolean("do_sample"));
  take(out.temperature, json.number("temperature", 0, 1e6));
  take(out.topK, json.integer("top_k", 0, maxId));
  take(out.topP, json.number("top_p", 0, 1));
  take(out.minP, json.number("min_p", 0, 1));
  take(out.repetitionPenalty, json.number("repetition_penalty", 1e-6, 1e6));
  take(out.minLength, json.integer("min_length", 0, maxCount));
  take(out.maxLength, json.integer("max_length", 0, maxCount));
  take(out.minNewTokens, json.integer("min_new_tokens", 0, maxCount));
  take(out.maxNewTokens, json.integer("max_new_tokens", 0, maxCount));
  take(out.noRepeatNgram, json.integer("no_repeat_ngram_size", 0, maxCount));
  take(out.sequences, json.integer("num_return_sequences", 1, maxSequences));
  take(out.beams, json.integer("num_beams", 1, maxBeams));
  take(out.lengthPenalty, json.number("length_penalty", -1e6, 1e6));
  takeEarlyStopping(json, out);
}

/// What other tools act on and the runtime does not, unless it is there to say
/// that nothing is to be done.
void warnOfUnused(const JsonObject &json, Remarks &remarks) {
  struct Setting {
    const char *key;
    double neutral = -1;
  };
  static constexpr Setting settings[] = {{"bad_words_ids"},
                                         {"constraints"},
                                         {"diversity_penalty", 0},
                                         {"encoder_no_repeat_ngram_size", 0},
                                         {"encoder_repetition_penalty", 1},
                                         {"epsilon_cutoff", 0},
                                         {"eta_cutoff", 0},
                                         {"exponential_decay_length_penalty"},
                                         {"force_words_ids"},
                                         {"guidance_scale", 1},
                                         {"penalty_alpha", 0},
                                         {"sequence_bias"},
                                         {"typical_p", 1}};
  for (const auto &[key, neutral] : settings) {
    const nlohmann::json *found = json.find(key);
    bool isSet = found && !(found->is_array() && found->empty()) &&
                 !(found->is_number() && found->get<double>() == neutral);
    if (isSet)
      remarks.warning(key, "generation does not use it");
  }
}

void takeFacts(const JsonObject &json, ModelFacts &out) {
  auto count = [&](std::initializer_list<const char *> keys) {
    return json.firstInteger(keys, 0, maxCount);
  };
  take(out.vocabSize, count({"vocab_size"}));
  take(out.contextLength,
       count({"max_position_embeddings", "n_positions", "max_target_positions",
              "seq_length", "n_ctx"}));
  take(out.hiddenSize, count({"hidden_size", "n_embd", "d_model"}));
  take(out.layers, count({"num_hidden_layers", "num_layers", "n_layer"}));
  take(out.heads, count({"num_attention_heads", "n_head", "num_heads"}));
  take(out.kvHeads, count({"num_key_value_heads"}));
  take(out.headSize, count({"head_dim"}));
}

void loadConfig(const std::string &path, GenerationSettings &generation,
                ModelFacts &facts) {
  nlohmann::json json = loadJson(path);
  JsonObject root(json, path);
  take(facts.modelType, root.string("model_type"));
  if (const nlohmann::json *names = root.find("architectures")) {
    if (!names->is_array())
      root.fail("architectures", "a list is expected");
    for (const nlohmann::json &name : *names)
      if (name.is_string())
        facts.architectures.push_back(name.get<std::string>());
  }
  // A model for text and images keeps the decoder's numbers one level down.
  if (std::optional<JsonObject> text = root.object("text_config")) {
    takeIds(*text, generation);
    takeFacts(*text, facts);
  }
  takeIds(root, generation);
  takeFacts(root, facts);
}

void loadGenai(const std::string &path, GenerationSettings &generation,
               ModelFacts &facts, Remarks &remarks) {
  nlohmann::json json = loadJson(path);
  JsonObject root(json, path);
  if (std::optional<JsonObject> search = root.object("search")) {
    takeSampling(*search, generation);
    warnOfUnused(*search, remarks);
  }
  std::optional<JsonObject> model = root.object("model");
  if (!model)
    return;
  takeIds(*model, generation);
  take(facts.modelType, model->string("type"));
  take(facts.vocabSize, model->integer("vocab_size", 0, maxCount));
  take(facts.contextLength, model->integer("context_length", 0, maxCount));
  if (std::optional<JsonObject> decoder = model->object("decoder")) {
    takeFacts(*decoder, facts);
    take(facts.headSize, decoder->integer("head_size", 0, maxCount));
  }
}

/// Ids beyond the vocabulary can't be produced; a padding token that was added
/// later is common and harmless.
void checkIds(GenerationSettings &generation, const ModelFacts &facts,
              Remarks &remarks) {
  if (!facts.vocabSize)
    return;
  auto isBeyond = [&](int64_t id) { return id >= *facts.vocabSize; };
  for (int64_t id : generation.eosIds)
    if (isBeyond(id))
      remarks.warning("eos_token_id",
                      fmt::format("{} is beyond the vocabulary of {}", id,
                                  *facts.vocabSize));
  std::erase_if(generation.eosIds, isBeyond);
  std::erase_if(generation.suppressedIds, isBeyond);
  std::erase_if(generation.firstSuppressedIds, isBeyond);
  if (generation.bosId && isBeyond(*generation.bosId))
    remarks.warning("bos_token_id",
                    fmt::format("{} is beyond the vocabulary of {}",
                                *generation.bosId, *facts.vocabSize));
}

/// The runtime does not sample beams; of such settings it does the sampling.
void checkBeams(GenerationSettings &generation, Remarks &remarks) {
  if (!generation.doSample || generation.beams == 1)
    return;
  remarks.warning("num_beams", "beams are not sampled, and do_sample is set: "
                               "by default there will be none");
  generation.beams = 1;
}

} // namespace

void loadGeneration(const ConfigFiles &files, GenerationSettings &generation,
                    ModelFacts &facts, Remarks &remarks) {
  if (!files.config.empty())
    loadConfig(files.config, generation, facts);
  if (!files.generation.empty()) {
    nlohmann::json json = loadJson(files.generation);
    JsonObject root(json, files.generation);
    takeIds(root, generation);
    takeSampling(root, generation);
    warnOfUnused(root, remarks);
  }
  if (!files.genai.empty())
    loadGenai(files.genai, generation, facts, remarks);
  checkIds(generation, facts, remarks);
  checkBeams(generation, remarks);
}

} // namespace llmc
