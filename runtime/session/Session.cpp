// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Session.h"
#include "runtime/core/DType.h"
#include "runtime/session/FloatTensor.h"
#include "runtime/session/Roles.h"
#include "runtime/session/Scores.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc {

// Prompts go through in pieces of this many tokens, which bounds the
// intermediate values.
static constexpr size_t prefillPiece = 2048;
static constexpr int64_t defaultCapacity = 2048;

/// The entries that take many tokens and one. Either may stand for the other: a
/// decoder that looks at an encoder takes token by token.
static Result<std::pair<EntryRef, EntryRef>>
findSteps(const Model &model, const std::string &name) {
  auto prefill = model.entry(name, "prefill");
  auto decode = model.entry(name, "decode");
  if (!prefill && !decode)
    return Error{
        .code = Code::Unsupported,
        .what = "cannot generate: its caches were not recognised",
        .file = model.artifact().path(),
        .hint = "run it with --inputs, which has the model's own signature"};
  return std::pair(prefill ? *prefill : *decode, decode ? *decode : *prefill);
}

Result<std::unique_ptr<Session>>
Session::create(std::shared_ptr<const Model> model,
                const SessionOptions &options) {
  std::unique_ptr<Session> session(new Session);
  session->model_ = model;
  session->name_ = options.model;
  auto steps = findSteps(*model, options.model);
  if (!steps)
    return steps.takeStatus();
  int64_t context = model->manifest().generation.contextLength.value_or(0);
  session->capacity_ = options.capacity > 0 ? options.capacity
                       : context > 0        ? context
                                            : defaultCapacity;
  if (context > 0)
    session->capacity_ = std::min(session->capacity_, context);
  if (Status status = session->build(steps->first, steps->second); !status)
    return std::move(status).inFile(model->artifact().path());
  return session;
}

Status Session::build(const EntryRef &prefill, const EntryRef &decode) {
  if (looksAtSource(*prefill.info)) {
    auto source = Source::create(model_, *prefill.info);
    if (!source)
      return source.takeStatus();
    source_ = std::move(*source);
    source_->shareCancelFlag(&cancelled_);
  }
  if (Status status = makeStep(prefill_, prefill); !status)
    return status;
  if (Status status = makeStep(decode_, decode); !status)
    return status;
  if (prefill.info->states.size() != decode.info->states.size())
    return Status(Code::Integrity, "prefill and decode have different states");
  auto states = States::create(*prefill.info, capacity_);
  if (!states)
    return states.takeStatus();
  states_.emplace(std::move(*states));
  // Steps take no memory, within reason.
  constexpr int64_t most = 1 << 20;
  tokens_.reserve(static_cast<size_t>(std::min(capacity_, most)));
  return Status();
}

Status Session::makeStep(Step &step, const EntryRef &entry) {
  step.call = std::make_unique<Call>(model_, entry);
  step.call->shareCancelFlag(&cancelled_);
  const EntryInfo &info = *entry.info;
  if (Status status = step.feed.prepare(info, capacity_); !status)
    return status;
  std::optional<size_t> logits = findOutput(info, "logits");
  if (!logits)
    return Status(Code::Unsupported,
                  "cannot generate: the model has no logits");
  step.logits = *logits;
  step.piece = prefillPiece;
  for (const TensorInfo &input : info.inputs)
    if (inputRole(input) == "tokens" && input.dims.back() == Dim(1))
      step.piece = 1;
  return Status();
}

Status Session::readSource(std::span<const int64_t> tokens) {
  return takeSource(source_->readTokens(tokens));
}

Status Session::readSource(const LlmcTensor &features) {
  return takeSource(source_->readFeatures(features));
}

Status Session::takeSource(Status read) {
  length_ = 0;
  if (!read)
    return read;
  for (Step *step : {&prefill_, &decode_})
    for (size_t i = 0; i < step->call->info().inputs.size(); ++i)
      if (const LlmcTensor *given =
              source_->tensorFor(step->call->info().inputs[i]))
        step->feed.give(i, *given);
  return Status();
}

Status Session::checkRoom(int64_t count) const {
  if (count <= capacity_ - length_)
    return Status();
  return Status(
      Code::Resource,
      fmt::format("the context is full: {} positions are needed, {} are there",
                  length_ + count, capacity_));
}

Result<Session::Logits> Session::run(Step &step,
                                     std::span<const int64_t> tokens) {
  int64_t count = static_cast<int64_t>(tokens.size());
  if (source_ && !source_->isRead())
    return Status(Code::BadInput, "the decoder looks at an encoder, and there "
                                  "is no source: generate or transcribe");
  if (Status status = checkRoom(count); !status)
    return status;
  if (Status status = step.feed.fill(tokens, length_); !status)
    return status;
  if (Status status =
          step.call->run(step.feed.tensors(), states_->views(length_));
      !status)
    return status;
  auto logits = lastLogits(step.call->outputs()[step.logits]);
  if (logits)
    advance(tokens);
  return logits;
}

void Session::advance(std::span<const int64_t> tokens) {
  tokens_.resize(static_cast<size_t>(length_));
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  length_ += static_cast<int64_t>(tokens.size());
}

int64_t Session::keepCommon(std::span<const int64_t> tokens) {
  std::span<const int64_t> known(tokens_.data(), static_cast<size_t>(length_));
  if (!tokens.empty())
    tokens = tokens.first(tokens.size() - 1);
  length_ =
      std::mismatch(known.begin(), known.end(), tokens.begin(), tokens.end())
          .first -
      known.begin();
  return length_;
}

Result<Session::Logits> Session::prefill(std::span<const int64_t> tokens) {
  if (tokens.empty())
    return Status(Code::BadInput, "there is no token to start from");
  int64_t before = length_;
  for (;;) {
    auto piece = tokens.first(std::min(tokens.size(), prefill_.piece));
    tokens = tokens.subspan(piece.size());
    auto logits = run(prefill_, piece);
    if (!logits)
      length_ = before;
    if (!logits || tokens.empty())
      return logits;
  }
}

Result<Session::Logits> Session::decode(int64_t token) {
  return run(decode_, {&token, 1});
}

Status Session::extend(std::span<const int64_t> tokens) {
  if (!shared_) {
    auto step = SharedStep::create(model_, name_);
    if (!step)
      return step.takeStatus();
    shared_ = std::move(*step);
    shared_->shareCancelFlag(cancelFlag_);
    shared_->setProfile(profile_);
  }
  auto count = static_cast<int64_t>(tokens.size());
  if (Status status = checkRoom(count); !status)
    return status;
  StepPart part = {&*states_, {tokens, length_}, tokens.size()};
  if (Status status = shared_->run({&part, 1}); !status)
    return status;
  extended_ = length_;
  advance(tokens);
  return Status();
}

Status Session::rewind(int64_t length) {
  if (length < 0 || length > length_)
    return Status(Code::BadInput,
                  fmt::format("cannot go back to {} positions, {} are there",
                              length, length_));
  length_ = length;
  return Status();
}

Result<Session::Logits> Session::lastLogits(const LlmcTensor &tensor) {
  int64_t rank = tensor.rank, vocabulary = rank > 0 ? tensor.dims[rank - 1] : 0;
  auto count = elementCount(tensor.dims, rank);
  if (!count || *count == 0)
    return Status(Code::Unsupported, "the model gives no logits");
  if (!isFloat(tensor))
    return Status(Code::Unsupported,
                  fmt::format("logits of type {} are not supported",
                              dtypeName(tensor.dtype)));
  size_t size = static_cast<size_t>(vocabulary);
  auto logits =
      floatsOf(tensor, static_cast<size_t>(*count) - size, size, logits_);
  if (logits && !areUsable(*logits))
    return unusableLogits(length_);
  return logits;
}

void Session::shareCancelFlag(std::atomic<bool> *flag) {
  cancelFlag_ = flag;
  prefill_.call->shareCancelFlag(flag);
  decode_.call->shareCancelFlag(flag);
  if (shared_)
    shared_->shareCancelFlag(flag);
  if (source_)
    source_->shareCancelFlag(flag);
}

void Session::setProfile(Profile *profile) {
  profile_ = profile;
  prefill_.call->setProfile(profile);
  decode_.call->setProfile(profile);
  if (shared_)
    shared_->setProfile(profile);
  if (source_)
    source_->setProfile(profile);
}

} // namespace llmc
