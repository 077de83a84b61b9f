// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Encoder.h"
#include "runtime/session/FloatTensor.h"
#include "runtime/session/Roles.h"
#include "runtime/session/Source.h"
#include <algorithm>
#include <cmath>
#include <iterator>

namespace llmc {

/// And looks at no other model.
static bool takesTokens(const EntryInfo &entry) {
  return !looksAtSource(entry) &&
         std::any_of(entry.inputs.begin(), entry.inputs.end(),
                     [](const TensorInfo &input) {
                       return inputRole(input) == "tokens";
                     });
}

Result<std::unique_ptr<Encoder>>
Encoder::create(std::shared_ptr<const Model> model, const std::string &name,
                std::span<const StateInfo> caches, std::string_view entryName) {
  std::string chosen = name;
  for (const ModelInfo &info : model->manifest().models)
    for (const EntryInfo &entry : info.entries)
      if (chosen.empty() && entry.name == "raw" && takesTokens(entry))
        chosen = info.name;
  auto entry = model->entry(chosen, entryName);
  if (!entry)
    return entry.takeStatus();
  std::unique_ptr<Encoder> encoder(new Encoder);
  encoder->call_ = std::make_unique<Call>(model, *entry);
  encoder->defaults_ = model->manifest().embedding;
  encoder->entry_ = *entry;
  if (const EntryInfo *stateful = encoder->stateful())
    caches = stateful->states;
  if (Status status = encoder->feed_.prepare(*entry->info, 1, caches); !status)
    return std::move(status).inFile(model->artifact().path());
  return encoder;
}

const EntryInfo *Encoder::stateful() const {
  for (const EntryInfo &entry : entry_.model->entries)
    if (entry.name == "prefill")
      return &entry;
  return nullptr;
}

Result<std::span<const LlmcTensor>>
Encoder::run(std::span<const int64_t> tokens, std::span<const int64_t> types) {
  if (Status status = feed_.fill(tokens, 0, types); !status)
    return status;
  if (Status status = call_->run(feed_.tensors()); !status)
    return status;
  return call_->outputs();
}

std::optional<Pooling> poolingFromName(std::string_view name) {
  constexpr std::string_view names[] = {"mean", "first", "last", "max"};
  for (size_t i = 0; i < std::size(names); ++i)
    if (names[i] == name)
      return static_cast<Pooling>(i);
  return std::nullopt;
}

/// Of [1, n, size].
static std::vector<float> pool(const LlmcTensor &hidden, Pooling pooling) {
  int64_t count = hidden.dims[1], size = hidden.dims[2];
  std::vector<float> vector(static_cast<size_t>(size));
  for (int64_t k = 0; k < size; ++k) {
    float &value = vector[static_cast<size_t>(k)];
    if (pooling == Pooling::First || pooling == Pooling::Last) {
      int64_t row = pooling == Pooling::First ? 0 : count - 1;
      value = elementAt(hidden, row * size + k);
      continue;
    }
    double sum = 0;
    float largest = elementAt(hidden, k);
    for (int64_t i = 0; i < count; ++i) {
      float element = elementAt(hidden, i * size + k);
      sum += element;
      largest = std::max(largest, element);
    }
    value = pooling == Pooling::Max
                ? largest
                : static_cast<float>(sum / static_cast<double>(count));
  }
  return vector;
}

Result<std::vector<float>> Encoder::embed(std::span<const int64_t> tokens,
                                          std::optional<Pooling> pooling,
                                          std::optional<bool> normalize) {
  if (tokens.empty())
    return Status(Code::BadInput, "there is no token to embed");
  auto embedding = findOutput(info(), "embedding"),
       hidden = findOutput(info(), "hidden");
  if (!embedding && !hidden)
    return Status(Code::Unsupported, "the model gives no embedding");
  auto outputs = run(tokens);
  if (!outputs)
    return outputs.takeStatus();
  const LlmcTensor &tensor = (*outputs)[embedding ? *embedding : *hidden];
  int32_t rank = embedding ? 2 : 3;
  if (!isFloat(tensor) || tensor.rank != rank || tensor.dims[0] != 1 ||
      tensor.dims[1] == 0)
    return Status(Code::Unsupported,
                  "the model's embedding has an unknown form");
  std::vector<float> vector;
  for (int64_t k = 0; embedding && k < tensor.dims[1]; ++k)
    vector.push_back(elementAt(tensor, k));
  if (!embedding)
    vector = pool(
        tensor,
        pooling ? *pooling
                : poolingFromName(defaults_.pooling).value_or(Pooling::Mean));
  double square = 0;
  for (float value : vector)
    square += static_cast<double>(value) * value;
  for (float &value : vector)
    if (normalize.value_or(defaults_.normalize) && square > 0)
      value = static_cast<float>(value / std::sqrt(square));
  return vector;
}

} // namespace llmc
