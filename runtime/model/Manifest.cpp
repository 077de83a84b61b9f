// SPDX-License-Identifier: Apache-2.0
// Manifest -> JSON; ManifestReader.cpp has the way back.
#include "runtime/model/Manifest.h"
#include "runtime/core/DType.h"
#include <nlohmann/json.hpp>

namespace llmc {

using nlohmann::json;

static json toJson(const std::vector<Dim> &dims) {
  json list = json::array();
  for (const Dim &dim : dims)
    list.push_back(dim.isFixed() ? json(dim.size) : json(dim.symbol));
  return list;
}

static json toJson(const TensorInfo &tensor) {
  json object = {{"name", tensor.name},
                 {"dtype", dtypeName(tensor.dtype)},
                 {"dims", tensor.hasRank ? toJson(tensor.dims) : json()},
                 {"role", tensor.role}};
  if (tensor.kind != ValueKind::Tensor)
    object["kind"] = valueKindName(tensor.kind);
  return object;
}

static json toJson(const StateInfo &state) {
  return {{"input", state.input},
          {"output", state.output},
          {"dtype", dtypeName(state.dtype)},
          {"dims", toJson(state.dims)},
          {"axis", state.axis}};
}

static json toJson(const SiteInfo &site) {
  return json::array({site.node, site.name, site.op, site.kernel});
}
static json toJson(const LayerOps &layer) {
  return {{"layer", layer.layer}, {"ops", layer.ops}};
}

static json toJson(const WeightTypeInfo &weights) {
  return {{"type", weights.type},
          {"count", weights.count},
          {"elements", weights.elements},
          {"bits", weights.bits}};
}

template <typename T> static json listToJson(const std::vector<T> &values) {
  json list = json::array();
  for (const T &value : values)
    list.push_back(toJson(value));
  return list;
}

static json toJson(const EntryInfo &entry) {
  return {{"name", entry.name},
          {"inputs", listToJson(entry.inputs)},
          {"outputs", listToJson(entry.outputs)},
          {"states", listToJson(entry.states)},
          {"scratch", entry.scratch},
          {"sites", listToJson(entry.sites)}};
}

static json toJson(const ModelInfo &model) {
  return {{"name", model.name},
          {"role", model.role},
          {"entries", listToJson(model.entries)},
          {"layers", listToJson(model.layers)},
          {"weight_types", listToJson(model.weightTypes)}};
}

static json toJson(const CodeInfo &code) {
  return {{"target", code.target},
          {"features", code.features},
          {"rank", code.rank},
          {"section", code.section}};
}

static json toJson(const WeightInfo &weight) {
  return json::array({weight.offset, weight.size, weight.name});
}

static json toJson(const GenerationDefaults &generation) {
  json object = {{"eos", generation.eos}};
  auto put = [&](const char *key, const auto &value) {
    if (value)
      object[key] = *value;
  };
  put("bos", generation.bos);
  put("pad", generation.pad);
  put("decoder_start", generation.decoderStart);
  put("forced_bos", generation.forcedBos);
  put("forced_eos", generation.forcedEos);
  if (!generation.suppressed.empty())
    object["suppressed"] = generation.suppressed;
  if (!generation.firstSuppressed.empty())
    object["first_suppressed"] = generation.firstSuppressed;
  put("context_length", generation.contextLength);
  put("min_new_tokens", generation.minNewTokens);
  put("max_new_tokens", generation.maxNewTokens);
  put("min_length", generation.minLength);
  put("max_length", generation.maxLength);
  put("do_sample", generation.doSample);
  put("temperature", generation.temperature);
  put("top_k", generation.topK);
  put("top_p", generation.topP);
  put("min_p", generation.minP);
  put("repetition_penalty", generation.repetitionPenalty);
  put("no_repeat_ngram_size", generation.noRepeatNgram);
  put("num_return_sequences", generation.sequences);
  put("num_beams", generation.beams);
  put("length_penalty", generation.lengthPenalty);
  if (!generation.earlyStopping.empty())
    object["early_stopping"] = generation.earlyStopping;
  return object;
}

static json toJson(const EmbeddingDefaults &embedding) {
  return {{"normalize", embedding.normalize}, {"pooling", embedding.pooling}};
}

static json toJson(const SpeechDefaults &speech) {
  json object = {{"rate", speech.rate},       {"fft", speech.fft},
                 {"hop", speech.hop},         {"bins", speech.bins},
                 {"samples", speech.samples}, {"languages", speech.languages},
                 {"tasks", speech.tasks},     {"start", speech.start}};
  if (speech.noTimestamps)
    object["no_timestamps"] = *speech.noTimestamps;
  if (speech.latestStart)
    object["latest_start"] = *speech.latestStart;
  return object;
}

std::string Manifest::toJson() const {
  json object = {{"id", toHex(id)},
                 {"version", version},
                 {"provenance", provenance},
                 {"passes", passes},
                 {"models", listToJson(models)},
                 {"code", listToJson(code)},
                 {"weights", listToJson(weights)},
                 {"generation", llmc::toJson(generation)},
                 {"embedding", llmc::toJson(embedding)},
                 {"files", files}};
  if (speech.rate > 0)
    object["speech"] = llmc::toJson(speech);
  // Names come from the model's bytes and need not be UTF-8.
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace llmc
