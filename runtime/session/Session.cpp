// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Session.h"
#include "runtime/core/DType.h"
#include "runtime/session/FloatTensor.h"
#include "runtime/session/Roles.h"
#include "runtime/session/Scores.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace llmc {

// Prompts go through in pieces of this many tokens, which bounds the
// intermediate values.
static constexpr size_t prefillPiece = 2048;
static constexpr int64_t defaultCapacity = 2048;

Result<std::unique_ptr<Session>>
Session::create(std::shared_ptr<const Model> model,
                const SessionOptions &options) {
  std::unique_ptr<Session> session(new Session);
  session->model_ = model;
  auto prefill = model->entry(options.model, "prefill");
  if (!prefill)
    return Error{
        .code = Code::Unsupported,
        .what = "cannot generate: its caches were not recognised",
        .file = model->artifact().path(),
        .hint = "run it with --inputs, which has the model's own signature"};
  auto decode = model->entry(options.model, "decode");
  int64_t context = model->manifest().generation.contextLength.value_or(0);
  session->capacity_ = options.capacity > 0 ? options.capacity
                       : context > 0        ? context
                                            : defaultCapacity;
  if (context > 0)
    session->capacity_ = std::min(session->capacity_, context);
  if (Status status = session->makeStep(session->prefill_, *prefill); !status)
    return std::move(status).inFile(model->artifact().path());
  if (Status status =
          session->makeStep(session->decode_, decode ? *decode : *prefill);
      !status)
    return std::move(status).inFile(model->artifact().path());
  if (Status status = session->makeStates(*prefill->info); !status)
    return std::move(status).inFile(model->artifact().path());
  return session;
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
  return Status();
}

static Status doesNotFit(int64_t positions) {
  return Status(
      Code::Resource,
      fmt::format("a context of {} positions does not fit into memory",
                  positions));
}

Status Session::makeStates(const EntryInfo &entry) {
  if (entry.states.size() != decode_.call->info().states.size())
    return Status(Code::Integrity, "prefill and decode have different states");
  for (const StateInfo &info : entry.states) {
    State state = {{}, 1, dtypeBits(info.dtype) / 8};
    constexpr int64_t limit = int64_t(1) << 40;
    for (size_t d = 0; d < info.dims.size(); ++d) {
      if (d == static_cast<size_t>(info.axis))
        continue;
      int64_t size = info.dims[d].isFixed() ? info.dims[d].size
                                            : 1; // a symbol here is the batch
      int64_t &product = d < static_cast<size_t>(info.axis)
                             ? state.rows
                             : state.bytesPerPosition;
      if (size == 0 || size > limit / product)
        return Status(
            Code::Integrity,
            fmt::format("state '{}' has an impossible size", info.input));
      product *= size;
    }
    if (state.rows > limit / state.bytesPerPosition ||
        capacity_ > limit / (state.rows * state.bytesPerPosition))
      return doesNotFit(capacity_);
    if (Status status = addBranch(state); !status)
      return status;
    views_.push_back({state.branches[0].as<void>(), capacity_, 0});
    states_.push_back(std::move(state));
  }
  return Status();
}

Status Session::addBranch(State &state) {
  Buffer &buffer = state.branches.emplace_back();
  uint64_t bytes =
      static_cast<uint64_t>(state.rows * state.bytesPerPosition * capacity_);
  return buffer.reserveExact(bytes) ? Status() : doesNotFit(capacity_);
}

Status Session::setBranches(size_t count) {
  useBranch(0);
  Status status;
  for (State &state : states_)
    while (status && state.branches.size() < count)
      status = addBranch(state);
  for (State &state : states_)
    state.branches.resize(status ? count : 1);
  return status;
}

void Session::useBranch(size_t branch) {
  for (size_t i = 0; i < states_.size(); ++i)
    views_[i].data = states_[i].branches[branch].as<void>();
}

void Session::copyBranch(size_t from, size_t to, int64_t begin, int64_t end) {
  for (const State &state : states_)
    for (int64_t row = 0; row < state.rows; ++row) {
      int64_t offset = (row * capacity_ + begin) * state.bytesPerPosition;
      std::memcpy(state.branches[to].as<std::byte>() + offset,
                  state.branches[from].as<std::byte>() + offset,
                  static_cast<size_t>((end - begin) * state.bytesPerPosition));
    }
}

uint64_t Session::stateBytes() const {
  uint64_t bytes = 0;
  for (const State &state : states_)
    for (const Buffer &buffer : state.branches)
      bytes += buffer.capacity();
  return bytes;
}

Result<Session::Logits> Session::run(Step &step,
                                     std::span<const int64_t> tokens) {
  int64_t count = static_cast<int64_t>(tokens.size());
  if (count > capacity_ - length_)
    return Error{
        .code = Code::Resource,
        .what = fmt::format(
            "the context is full: {} positions are needed, {} are there",
            length_ + count, capacity_)};
  if (Status status = step.feed.fill(tokens, length_); !status)
    return status;
  for (LlmcState &view : views_)
    view.length = length_;
  if (Status status = step.call->run(step.feed.tensors(), views_); !status)
    return status;
  auto logits = lastLogits(step.call->outputs()[step.logits]);
  if (logits)
    length_ += count;
  return logits;
}

Result<Session::Logits> Session::prefill(std::span<const int64_t> tokens) {
  if (tokens.empty())
    return Status(Code::BadInput, "there is no token to start from");
  int64_t before = length_;
  for (;;) {
    auto piece = tokens.first(std::min(tokens.size(), prefillPiece));
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

void Session::setProfile(Profile *profile) {
  prefill_.call->setProfile(profile);
  decode_.call->setProfile(profile);
}

} // namespace llmc
