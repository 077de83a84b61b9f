// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/LogitSource.h"
#include "runtime/session/FloatTensor.h"
#include "runtime/session/Roles.h"
#include "runtime/session/Scores.h"
#include <algorithm>

namespace llmc::eval {

/// Whether the runtime keeps a cache in another type than the raw entry has.
static bool hasOtherCaches(const EntryInfo &raw, const EntryInfo &stateful) {
  for (const StateInfo &state : stateful.states)
    for (const TensorInfo &input : raw.inputs)
      if (input.name == state.input && input.dtype != state.dtype)
        return true;
  return false;
}

Result<std::unique_ptr<LogitSource>>
LogitSource::create(std::shared_ptr<const Model> model, const std::string &name,
                    size_t longest, std::span<const StateInfo> caches) {
  std::unique_ptr<LogitSource> source(new LogitSource);
  source->file_ = model->artifact().path();
  auto encoder = Encoder::create(model, name, caches);
  if (!encoder)
    return encoder.takeStatus();
  const EntryInfo &raw = (*encoder)->info();
  if (!findOutput(raw, "logits"))
    return Error{.code = Code::Unsupported,
                 .what = "the model gives no logits",
                 .file = model->artifact().path(),
                 .hint = "--pairs measures models that give embeddings"};
  source->vocabulary_ = vocabularySize(raw);
  const EntryInfo *stateful = (*encoder)->stateful();
  if (!stateful || !hasOtherCaches(raw, *stateful)) {
    source->encoder_ = std::move(*encoder);
    return source;
  }
  auto session =
      Session::create(model, {.model = (*encoder)->modelName(),
                              .capacity = static_cast<int64_t>(longest)});
  if (!session)
    return session.takeStatus();
  source->session_ = std::move(*session);
  return source;
}

Result<LogitRows> LogitSource::run(std::span<const int64_t> tokens) {
  auto rows = session_ ? runSteps(tokens) : runWhole(tokens);
  if (!rows)
    return rows.takeStatus().inFile(file_);
  return rows;
}

Result<LogitRows> LogitSource::runWhole(std::span<const int64_t> tokens) {
  auto outputs = encoder_->run(tokens);
  if (!outputs)
    return outputs.takeStatus();
  const LlmcTensor &tensor =
      (*outputs)[*findOutput(encoder_->info(), "logits")];
  bool fits = isFloat(tensor) && tensor.rank == 3 && tensor.dims[0] == 1 &&
              tensor.dims[1] == static_cast<int64_t>(tokens.size()) &&
              tensor.dims[2] > 0;
  if (!fits)
    return Status(Code::Unsupported, "the model gives no logits of each token");
  size_t vocabulary = static_cast<size_t>(tensor.dims[2]);
  auto floats = floatsOf(tensor, 0, tokens.size() * vocabulary, rows_);
  if (!floats)
    return floats.takeStatus();
  LogitRows rows = {floats->data(), tokens.size(), vocabulary};
  for (size_t i = 0; i < rows.count; ++i)
    if (!areUsable(rows.row(i)))
      return unusableLogits(static_cast<int64_t>(i));
  return rows;
}

Result<LogitRows> LogitSource::runSteps(std::span<const int64_t> tokens) {
  if (Status status = session_->rewind(0); !status)
    return status;
  size_t vocabulary = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    auto logits = session_->decode(tokens[i]);
    if (!logits)
      return logits.takeStatus();
    if (i == 0)
      vocabulary = logits->size();
    if (logits->size() != vocabulary)
      return Status(Code::Unsupported,
                    "the model's logits change in size from token to token");
    if (i == 0 && !rows_.reserve(tokens.size() * vocabulary * sizeof(float)))
      return Status(Code::Resource, "out of memory");
    std::copy(logits->begin(), logits->end(),
              rows_.as<float>() + i * vocabulary);
  }
  return LogitRows{rows_.as<float>(), tokens.size(), vocabulary};
}

} // namespace llmc::eval
