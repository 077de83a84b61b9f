// SPDX-License-Identifier: Apache-2.0
// JSON -> Manifest. The text is hostile: every type, range and count is checked
// before it is used.
#include "runtime/core/DType.h"
#include "runtime/model/Manifest.h"
#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace llmc {

using nlohmann::json;

namespace {

struct Invalid : std::runtime_error {
  using std::runtime_error::runtime_error;
};

constexpr size_t maxList = size_t(1) << 22;
constexpr size_t maxText = size_t(64) << 10;

/// A JSON value with the path to it, for messages. The document outlives it.
class Node {
public:
  Node(const json &value, std::string path)
      : value_(value), path_(std::move(path)) {}

  [[noreturn]] void fail(const std::string &what) const {
    throw Invalid(fmt::format("{}: {}", path_, what));
  }

  Node member(const char *key) const {
    auto found = find(key);
    if (!found)
      fail(fmt::format("'{}' is missing", key));
    return *found;
  }
  std::optional<Node> find(const char *key) const {
    if (!value_.is_object())
      fail("expected an object");
    auto it = value_.find(key);
    if (it == value_.end())
      return std::nullopt;
    return Node(*it, path_ + "." + key);
  }
  Node element(size_t index) const {
    if (!value_.is_array() || index >= value_.size())
      fail(fmt::format("expected an array of more than {}", index));
    return Node(value_[index], fmt::format("{}[{}]", path_, index));
  }
  size_t size(size_t limit = maxList) const {
    if (!value_.is_array())
      fail("expected an array");
    if (value_.size() > limit)
      fail(fmt::format("has {} elements, at most {} are allowed", value_.size(),
                       limit));
    return value_.size();
  }
  std::string text() const {
    if (!value_.is_string())
      fail("expected a string");
    const auto &text = value_.get_ref<const std::string &>();
    if (text.size() > maxText)
      fail("too long a string");
    return text;
  }
  int64_t integer(int64_t low, int64_t high) const {
    if (!value_.is_number_integer())
      fail("expected an integer");
    bool tooLarge = value_.is_number_unsigned() &&
                    value_.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
    if (tooLarge || value_.get<int64_t>() < low || value_.get<int64_t>() > high)
      fail(fmt::format("outside [{}, {}]", low, high));
    return value_.get<int64_t>();
  }
  double number() const {
    if (!value_.is_number())
      fail("expected a number");
    return value_.get<double>();
  }
  bool boolean() const {
    if (!value_.is_boolean())
      fail("expected true or false");
    return value_.get<bool>();
  }
  bool isString() const { return value_.is_string(); }
  bool isNull() const { return value_.is_null(); }
  /// Calls f(key, node) for each member of an object.
  template <typename F> void each(F f) const {
    if (!value_.is_object() || value_.size() > maxList)
      fail("expected an object");
    for (const auto &[key, value] : value_.items())
      f(key, Node(value, path_ + "." + key));
  }
  template <typename T, typename F>
  std::vector<T> list(F read, size_t limit = maxList) const {
    std::vector<T> values(size(limit));
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = read(element(i));
    return values;
  }

private:
  const json &value_;
  std::string path_;
};

int32_t readDtype(const Node &node) {
  auto dtype = dtypeFromName(node.text());
  if (!dtype)
    node.fail("unknown element type");
  return *dtype;
}

Dim readDim(const Node &node) {
  if (!node.isString())
    return Dim(node.integer(0, INT64_MAX));
  if (node.text().empty())
    node.fail("empty symbol");
  return Dim(node.text());
}

std::vector<Dim> readDims(const Node &node) {
  return node.list<Dim>(readDim, LLMC_MAX_RANK);
}

std::string readRole(const Node &node,
                     std::initializer_list<std::string_view> allowed) {
  std::string role = node.text();
  for (std::string_view candidate : allowed)
    if (role == candidate)
      return role;
  node.fail("unknown role");
}

TensorInfo readTensor(const Node &node,
                      std::initializer_list<std::string_view> roles) {
  TensorInfo tensor;
  tensor.name = node.member("name").text();
  tensor.dtype = readDtype(node.member("dtype"));
  if (auto kind = node.find("kind")) {
    auto known = valueKindFromName(kind->text());
    if (!known)
      kind->fail("unknown kind");
    tensor.kind = *known;
  }
  bool isTensor = tensor.kind == ValueKind::Tensor;
  Node dims = node.member("dims");
  tensor.hasRank = isTensor || !dims.isNull();
  if (tensor.hasRank)
    tensor.dims = readDims(dims);
  tensor.role = readRole(node.member("role"), roles);
  if (!isTensor && !tensor.role.empty())
    node.fail("only a tensor has a role");
  return tensor;
}

StateInfo readState(const Node &node) {
  StateInfo state;
  state.input = node.member("input").text();
  state.output = node.member("output").text();
  state.dtype = readDtype(node.member("dtype"));
  state.dims = readDims(node.member("dims"));
  if (state.dims.empty())
    node.fail("a state needs a sequence axis");
  state.axis = node.member("axis").integer(
      0, static_cast<int64_t>(state.dims.size()) - 1);
  if (dtypeBits(state.dtype) % 8 != 0 || dtypeBits(state.dtype) == 0)
    node.fail("a state's elements must be whole bytes");
  return state;
}

SiteInfo readSite(const Node &node) {
  return {node.element(0).integer(-1, INT64_MAX), node.element(1).text(),
          node.element(2).text(),
          node.size(4) > 3 ? node.element(3).text() : std::string()};
}

EntryInfo readEntry(const Node &node) {
  EntryInfo entry;
  entry.name = node.member("name").text();
  entry.inputs = node.member("inputs").list<TensorInfo>([](const Node &n) {
    return readTensor(n, {"", "tokens", "attention_mask", "position_ids",
                          "token_type_ids", "segments", "rows", "features",
                          "encoder_hidden", "encoder_mask", "cross_cache"});
  });
  entry.outputs = node.member("outputs").list<TensorInfo>([](const Node &n) {
    return readTensor(n, {"", "logits", "hidden", "embedding", "cross_cache"});
  });
  entry.states = node.member("states").list<StateInfo>(readState);
  entry.scratch = node.member("scratch").text();
  entry.sites = node.member("sites").list<SiteInfo>(readSite);
  return entry;
}

std::string readText(const Node &node) { return node.text(); }

LayerOps readLayer(const Node &node) {
  return {node.member("layer").text(),
          node.member("ops").list<std::string>(readText)};
}

WeightTypeInfo readWeightType(const Node &node) {
  auto count = [&](const char *key) {
    return node.member(key).integer(0, INT64_MAX);
  };
  return {node.member("type").text(), count("count"), count("elements"),
          count("bits")};
}

ModelInfo readModel(const Node &node) {
  ModelInfo model;
  model.name = node.member("name").text();
  model.role = node.member("role").text();
  model.entries = node.member("entries").list<EntryInfo>(readEntry, 64);
  model.layers = node.member("layers").list<LayerOps>(readLayer);
  if (auto types = node.find("weight_types"))
    model.weightTypes = types->list<WeightTypeInfo>(readWeightType);
  return model;
}

CodeInfo readCode(const Node &node) {
  CodeInfo code;
  code.target = node.member("target").text();
  code.features = node.member("features").list<std::string>(readText, 512);
  code.rank = node.member("rank").integer(INT32_MIN, INT32_MAX);
  code.section =
      static_cast<uint32_t>(node.member("section").integer(0, UINT32_MAX));
  return code;
}

WeightInfo readWeight(const Node &node) {
  return {node.element(2).text(),
          static_cast<uint64_t>(node.element(0).integer(0, INT64_MAX)),
          static_cast<uint64_t>(node.element(1).integer(0, INT64_MAX))};
}

GenerationDefaults readGeneration(const Node &node) {
  GenerationDefaults generation;
  auto token = [](const Node &n) { return n.integer(0, INT32_MAX); };
  generation.eos = node.member("eos").list<int64_t>(token, 1024);
  auto integer = [&](const char *key, std::optional<int64_t> &value,
                     int64_t high) {
    if (auto found = node.find(key))
      value = found->integer(0, high);
  };
  auto number = [&](const char *key, std::optional<double> &value) {
    if (auto found = node.find(key))
      value = found->number();
  };
  integer("bos", generation.bos, INT32_MAX);
  integer("pad", generation.pad, INT32_MAX);
  integer("decoder_start", generation.decoderStart, INT32_MAX);
  integer("forced_bos", generation.forcedBos, INT32_MAX);
  integer("forced_eos", generation.forcedEos, INT32_MAX);
  if (auto found = node.find("suppressed"))
    generation.suppressed = found->list<int64_t>(token, 4096);
  if (auto found = node.find("first_suppressed"))
    generation.firstSuppressed = found->list<int64_t>(token, 4096);
  integer("context_length", generation.contextLength, int64_t(1) << 40);
  integer("min_new_tokens", generation.minNewTokens, int64_t(1) << 40);
  integer("max_new_tokens", generation.maxNewTokens, int64_t(1) << 40);
  integer("min_length", generation.minLength, int64_t(1) << 40);
  integer("max_length", generation.maxLength, int64_t(1) << 40);
  integer("top_k", generation.topK, INT32_MAX);
  integer("no_repeat_ngram_size", generation.noRepeatNgram, int64_t(1) << 40);
  integer("num_return_sequences", generation.sequences, INT32_MAX);
  integer("num_beams", generation.beams, INT32_MAX);
  number("temperature", generation.temperature);
  number("top_p", generation.topP);
  number("min_p", generation.minP);
  number("length_penalty", generation.lengthPenalty);
  number("repetition_penalty", generation.repetitionPenalty);
  if (auto found = node.find("do_sample"))
    generation.doSample = found->boolean();
  if (auto found = node.find("early_stopping"))
    generation.earlyStopping = found->text();
  constexpr std::string_view known[] = {"", "no", "yes", "never"};
  if (std::find(std::begin(known), std::end(known), generation.earlyStopping) ==
      std::end(known))
    node.fail("'early_stopping' is unknown");
  return generation;
}

EmbeddingDefaults readEmbedding(const Node &node) {
  EmbeddingDefaults embedding;
  embedding.pooling = node.member("pooling").text();
  embedding.normalize = node.member("normalize").boolean();
  constexpr std::string_view known[] = {"", "mean", "first", "last", "max"};
  if (std::find(std::begin(known), std::end(known), embedding.pooling) ==
      std::end(known))
    node.fail("'pooling' is unknown");
  return embedding;
}

SpeechDefaults readSpeech(const Node &node) {
  SpeechDefaults speech;
  auto token = [](const Node &n) { return n.integer(0, INT32_MAX); };
  auto tokens = [&](const Node &names, std::map<std::string, int64_t> &out) {
    names.each(
        [&](const std::string &name, const Node &n) { out[name] = token(n); });
  };
  speech.rate = node.member("rate").integer(1000, 384'000);
  speech.fft = node.member("fft").integer(2, 8192);
  speech.hop = node.member("hop").integer(1, speech.fft);
  speech.bins = node.member("bins").integer(1, 1024);
  speech.samples =
      node.member("samples").integer(speech.fft + 1, int64_t(1) << 28);
  if (speech.samples % speech.hop != 0)
    node.fail("'samples' is no multiple of 'hop'");
  tokens(node.member("languages"), speech.languages);
  tokens(node.member("tasks"), speech.tasks);
  speech.start = node.member("start").list<int64_t>(token, 64);
  if (auto found = node.find("no_timestamps"))
    speech.noTimestamps = token(*found);
  if (auto found = node.find("latest_start"))
    speech.latestStart = token(*found);
  return speech;
}

Manifest readManifest(const Node &root) {
  Manifest manifest;
  if (!fromHex(root.member("id").text(), manifest.id))
    root.fail("'id' is not a SHA-256 digest");
  manifest.version = root.member("version").text();
  root.member("provenance").each([&](const std::string &key, const Node &n) {
    manifest.provenance[key] = n.text();
  });
  manifest.passes = root.member("passes").list<std::string>(readText);
  manifest.models = root.member("models").list<ModelInfo>(readModel, 64);
  manifest.code = root.member("code").list<CodeInfo>(readCode, 64);
  manifest.weights = root.member("weights").list<WeightInfo>(readWeight);
  manifest.generation = readGeneration(root.member("generation"));
  if (auto found = root.find("embedding"))
    manifest.embedding = readEmbedding(*found);
  if (auto found = root.find("speech"))
    manifest.speech = readSpeech(*found);
  root.member("files").each([&](const std::string &key, const Node &n) {
    manifest.files[key] = static_cast<uint32_t>(n.integer(0, UINT32_MAX));
  });
  return manifest;
}

} // namespace

Result<Manifest> Manifest::fromJson(std::string_view text) {
  try {
    constexpr int maxDepth = 32;
    // The parser itself does not recurse, but a deep document is never ours.
    auto shallow = [](int depth, json::parse_event_t, json &) {
      if (depth > maxDepth)
        throw Invalid("nested too deeply");
      return true;
    };
    json document = json::parse(text, shallow);
    return readManifest(Node(document, "manifest"));
  } catch (const Invalid &invalid) {
    return Status(Code::Integrity, invalid.what());
  } catch (const json::exception &) {
    return Status(Code::Integrity, "the manifest is not valid JSON");
  }
}

} // namespace llmc
