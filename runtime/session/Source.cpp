// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Source.h"
#include "runtime/session/Roles.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc {

static bool hasInput(const EntryInfo &entry, std::string_view role) {
  return std::any_of(
      entry.inputs.begin(), entry.inputs.end(),
      [&](const TensorInfo &input) { return inputRole(input) == role; });
}

bool looksAtSource(const EntryInfo &entry) {
  return hasInput(entry, "encoder_hidden") || hasInput(entry, "cross_cache");
}

/// "0.encoder.key" of "present.0.encoder.key" and
/// "past_key_values.0.encoder.key".
static std::string_view cacheName(std::string_view name) {
  for (std::string_view start : {"past_key_values", "past", "present"})
    if (name.starts_with(start))
      return name.substr(start.size());
  return name;
}

Result<std::unique_ptr<Source>>
Source::create(std::shared_ptr<const Model> model, const EntryInfo &decoder) {
  std::unique_ptr<Source> source(new Source);
  if (Status status = source->findEncoder(model); !status)
    return status;
  if (hasInput(decoder, "cross_cache"))
    if (Status status = source->findCross(model, decoder); !status)
      return status;
  return source;
}

Status Source::findEncoder(const std::shared_ptr<const Model> &model) {
  for (const ModelInfo &info : model->manifest().models)
    for (const EntryInfo &entry : info.entries) {
      auto hidden = findOutput(entry, "hidden");
      bool encodes = hidden && entry.name == "raw" && !looksAtSource(entry) &&
                     (hasInput(entry, "tokens") || hasInput(entry, "features"));
      if (!encodes || encoder_)
        continue;
      encoder_ = std::make_unique<Call>(model, *model->entry(info.name, "raw"));
      hidden_ = *hidden;
    }
  if (!encoder_)
    return Error{.code = Code::Unsupported,
                 .what = "cannot generate: the decoder looks at an encoder, "
                         "which is not in the artifact",
                 .hint = "compile the folder with both"};
  const EntryInfo &entry = encoder_->info();
  if (!hasInput(entry, "features"))
    return feed_.prepare(entry, 1);
  features_ = 0;
  if (entry.inputs.size() != 1 || entry.inputs[0].dims.size() != 3)
    return Status(Code::Unsupported,
                  "the encoder takes more than the features of sound");
  return Status();
}

Status Source::findCross(const std::shared_ptr<const Model> &model,
                         const EntryInfo &decoder) {
  for (const ModelInfo &info : model->manifest().models)
    if (auto entry = model->entry(info.name, "cross"); entry && !cross_)
      cross_ = std::make_unique<Call>(model, *entry);
  if (!cross_)
    return Error{.code = Code::Unsupported,
                 .what = "cannot generate: nothing in the artifact makes the "
                         "keys and values of the encoder's states",
                 .hint = "compile the folder with the decoder's first step"};
  for (const TensorInfo &input : cross_->info().inputs)
    if (inputRole(input) != "encoder_hidden" &&
        inputRole(input) != "encoder_mask")
      return Status(Code::Integrity, "the entry 'cross' takes other inputs");
  for (const TensorInfo &input : decoder.inputs)
    if (inputRole(input) == "cross_cache" && !crossOutput(input))
      return Status(
          Code::Unsupported,
          fmt::format("nothing makes the keys and values of '{}'", input.name));
  return Status();
}

std::optional<size_t> Source::crossOutput(const TensorInfo &input) const {
  const std::vector<TensorInfo> &outputs = cross_->info().outputs;
  for (size_t i = 0; i < outputs.size(); ++i)
    if (cacheName(outputs[i].name) == cacheName(input.name))
      return i;
  return std::nullopt;
}

const TensorInfo *Source::features() const {
  return features_ ? &encoder_->info().inputs[*features_] : nullptr;
}

Status Source::readTokens(std::span<const int64_t> tokens) {
  isRead_ = false;
  if (features_)
    return Status(Code::BadInput, "the model takes sound, not text");
  if (tokens.empty())
    return Status(Code::BadInput, "the text has no token");
  if (Status status = feed_.fill(tokens, 0); !status)
    return status;
  return run(feed_.tensors());
}

Status Source::readFeatures(const LlmcTensor &features) {
  isRead_ = false;
  if (!features_)
    return Status(Code::BadInput, "the model takes text, not sound");
  return run({&features, 1});
}

Status Source::run(std::span<const LlmcTensor> inputs) {
  if (Status status = encoder_->run(inputs); !status)
    return status;
  hiddenStates_ = encoder_->outputs()[hidden_];
  if (hiddenStates_.rank != 3 || hiddenStates_.dims[0] != 1 ||
      hiddenStates_.dims[1] < 1)
    return Status(Code::Unsupported, "the encoder's states have another form");
  if (Status status = makeMask(hiddenStates_.dims[1]); !status)
    return status;
  if (cross_) {
    std::vector<LlmcTensor> given;
    for (const TensorInfo &input : cross_->info().inputs)
      given.push_back(*tensorFor(input));
    if (Status status = cross_->run(given); !status)
      return status;
  }
  isRead_ = true;
  return Status();
}

/// Nothing is masked: there is one source.
Status Source::makeMask(int64_t positions) {
  if (!ones_.reserve(static_cast<uint64_t>(positions) * sizeof(int64_t)))
    return Status(Code::Resource, "out of memory");
  std::fill_n(ones_.as<int64_t>(), positions, 1);
  mask_ = {ones_.as<void>(), LLMC_I64, 2, {1, positions}};
  return Status();
}

const LlmcTensor *Source::tensorFor(const TensorInfo &input) const {
  std::string_view role = inputRole(input);
  if (role == "encoder_hidden")
    return &hiddenStates_;
  if (role == "encoder_mask")
    return &mask_;
  return role == "cross_cache" ? &cross_->outputs()[*crossOutput(input)]
                               : nullptr;
}

void Source::shareCancelFlag(std::atomic<bool> *flag) {
  encoder_->shareCancelFlag(flag);
  if (cross_)
    cross_->shareCancelFlag(flag);
}

void Source::setProfile(Profile *profile) {
  encoder_->setProfile(profile);
  if (cross_)
    cross_->setProfile(profile);
}

} // namespace llmc
