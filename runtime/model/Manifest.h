// SPDX-License-Identifier: Apache-2.0
// What an artifact says about itself. The compiler fills it, the writer stores
// it as JSON (the same bytes for the same content), the runtime reads it back,
// bounded and validated. Plain values; no thread-safety of its own.
#ifndef LLMC_RUNTIME_MODEL_MANIFEST_H
#define LLMC_RUNTIME_MODEL_MANIFEST_H

#include "runtime/core/Sha256.h"
#include "runtime/core/Status.h"
#include "runtime/core/ValueKind.h"
#include "runtime/include/llmc/abi.h"
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmc {

/// A size: fixed, or named by a symbol or an expression over symbols ("past +
/// sequence").
struct Dim {
  int64_t size = -1;
  std::string symbol;

  Dim() = default;
  Dim(int64_t size) : size(size) {}
  Dim(std::string symbol) : symbol(std::move(symbol)) {}
  bool isFixed() const { return symbol.empty(); }
  bool operator==(const Dim &) const = default;
};

/// An input or output of an entry, in the entry's order.
struct TensorInfo {
  std::string name;
  int32_t dtype = 0; // LlmcDType
  /// Of a sequence or an optional value: those of each tensor, where fixed ones
  /// hold and others are free.
  std::vector<Dim> dims;
  /// Inputs: "" tokens attention_mask position_ids token_type_ids segments
  /// rows; features of an encoder of sound; of a decoder that looks at an
  /// encoder encoder_hidden encoder_mask, and cross_cache, which an output of
  /// the entry "cross" is. Outputs: "" logits hidden embedding cross_cache.
  /// Only tensors have one.
  std::string role;
  ValueKind kind = ValueKind::Tensor;
  bool hasRank = true; // false: of a sequence's tensors, only the run tells it
};

/// A state of an entry. `input` and `output` name the tensors of the raw
/// signature that it stands for.
struct StateInfo {
  std::string input;
  std::string output;
  int32_t dtype = 0;
  std::vector<Dim>
      dims; // dims[axis] is the capacity; any other symbol is the batch
  int64_t axis = 2;
};

/// A row of the site table: what a failure or a profile points at.
struct SiteInfo {
  int64_t node = -1; // index in the source graph, -1: none
  std::string name;
  std::string op;
  std::string kernel; // of a step
};

struct EntryInfo {
  std::string name; // raw, prefill, decode, step, cross, ...
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  std::vector<StateInfo> states;
  std::string scratch; // the arena's size, as an expression; informative
  std::vector<SiteInfo> sites;
};

/// What `inspect --ops` lists: the operations of a layer after all passes.
struct LayerOps {
  std::string layer;
  std::vector<std::string> ops;
};

/// Weights of products and tables of embeddings that are stored in one way;
/// informative.
struct WeightTypeInfo {
  std::string type; // as `compile --quantize` has it
  int64_t count = 0;
  int64_t elements = 0;
  int64_t bits = 0; // of all elements, scales and zero points included
};

struct ModelInfo {
  std::string name;
  std::string role; // decoder, encoder, ...
  std::vector<EntryInfo> entries;
  std::vector<LayerOps> layers;
  std::vector<WeightTypeInfo> weightTypes;
};

struct CodeInfo {
  std::string target;                // x86-64-v3, ...
  std::vector<std::string> features; // LLVM's names, all needed
  int64_t rank = 0;                  // the highest that fits runs
  uint32_t section = 0;              // set by the writer
};

struct WeightInfo {
  std::string name;    // informative
  uint64_t offset = 0; // in the weights section; set by the writer
  uint64_t size = 0;   // bytes; set by the writer
};

struct GenerationDefaults {
  std::vector<int64_t> eos;
  std::optional<int64_t> bos;
  std::optional<int64_t> pad;
  std::optional<int64_t> decoderStart;  // of a decoder that looks at an encoder
  std::optional<int64_t> forcedBos;     // the first new token
  std::optional<int64_t> forcedEos;     // the last one of a text without an end
  std::vector<int64_t> suppressed;      // never come
  std::vector<int64_t> firstSuppressed; // are not the first
  std::optional<int64_t> contextLength;
  std::optional<int64_t> minNewTokens, maxNewTokens;
  std::optional<int64_t> minLength, maxLength; // the prompt's tokens included
  std::optional<bool> doSample;
  std::optional<double> temperature;
  std::optional<int64_t> topK;
  std::optional<double> topP, minP;
  std::optional<double> repetitionPenalty;
  std::optional<int64_t> noRepeatNgram;
  std::optional<int64_t> sequences, beams;
  std::optional<double> lengthPenalty;
  std::string earlyStopping; // no, yes, never; empty: not said
};

/// How the hidden states of a text become its embedding.
struct EmbeddingDefaults {
  std::string pooling; // mean, first, last, max; empty: not said
  bool normalize = false;
};

/// How sound becomes features, and which tokens say what about speech.
struct SpeechDefaults {
  int64_t rate = 0; // samples a second; 0: the model takes no sound
  int64_t fft = 400, hop = 160, bins = 80;         // of the log-mel features
  int64_t samples = 480'000;                       // of a window
  std::map<std::string, int64_t> languages, tasks; // "en", "transcribe"
  std::vector<int64_t> start; // tokens that follow the decoder's first one
  std::optional<int64_t> noTimestamps; // times follow this token
  std::optional<int64_t> latestStart;  // of the first time, as a distance
};

struct Manifest {
  Digest id = {}; // of what was compiled: input, options, version; equal to
                  // LlmcModule.digest
  std::string version; // of llmc
  std::map<std::string, std::string> provenance;
  std::vector<std::string> passes;
  std::vector<ModelInfo> models;
  std::vector<CodeInfo> code;
  std::vector<WeightInfo> weights; // a weight's id is its index
  GenerationDefaults generation;
  EmbeddingDefaults embedding;
  SpeechDefaults speech;
  std::map<std::string, uint32_t>
      files; // package file -> section; set by the writer

  /// Keys sorted, no whitespace.
  std::string toJson() const;
  /// Checks types, ranges and counts, but not what needs the file (sections,
  /// the weights' extents).
  static Result<Manifest> fromJson(std::string_view text);
};

} // namespace llmc

#endif
