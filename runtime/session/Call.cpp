// SPDX-License-Identifier: Apache-2.0
// What compiled code calls, and its failures in words; CallInputs.cpp checks
// what the caller gives.
#include "runtime/session/Call.h"
#include "runtime/core/DType.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc {

// Compiled code may form addresses from it, but reads and writes nothing there.
alignas(64) static std::byte emptyBlock[64];

Call::Call(std::shared_ptr<const Model> model, const EntryRef &entry)
    : model_(std::move(model)), entry_(entry) {
  const EntryInfo &info = *entry_.info;
  outputs_.resize(info.outputs.size());
  outputBuffers_.resize(info.outputs.size());
  outputSequences_.resize(info.outputs.size());
  for (size_t i = 0; i < outputs_.size(); ++i)
    outputs_[i] = {nullptr, info.outputs[i].dtype, 0, {}};
  frame_ = {{.workers = model_->pool().threads(),
             .inputs = nullptr,
             .outputs = outputs_.data(),
             .states = nullptr,
             .arena = arena,
             .output = output,
             .item = item,
             .weight = weight,
             .parallel = parallel,
             .alloc = alloc,
             .release = release,
             .fail = fail,
             .poll = poll},
            this};
}

Status Call::run(std::span<const LlmcTensor> inputs,
                 std::span<LlmcState> states) {
  if (Status status = checkInputs(inputs); !status)
    return status;
  size_t count = entry_.info->states.size();
  for (size_t i = 0; i < inputs.size(); ++i)
    if (entry_.info->inputs[i].role == "segments")
      count *= static_cast<size_t>(inputs[i].dims[0]);
  if (states.size() != count)
    return Status(Code::BadInput,
                  fmt::format("entry '{}' takes {} states, {} are given",
                              entry_.info->name, count, states.size()));
  failure_ = {};
  frame_.context.inputs = inputs.data();
  frame_.context.states = states.data();
  auto begin = profile_ ? Profile::Clock::now() : Profile::Clock::time_point();
  int32_t kind = entry_.function(&frame_.context);
  if (profile_)
    profile_->add(*entry_.info, -1, begin, Profile::Clock::now());
  blocks_.endRun();
  if (kind == LLMC_FAIL_CANCELLED)
    cancelled_->store(false, std::memory_order_relaxed);
  return kind == LLMC_OK ? Status() : describe(kind);
}

void *Call::arena(LlmcContext *context, int64_t bytes) {
  Call &call = of(context);
  if (bytes == 0)
    return emptyBlock;
  if (bytes > 0 && static_cast<uint64_t>(bytes) <= memoryLimit() &&
      call.arena_.reserve(static_cast<uint64_t>(bytes)))
    return call.arena_.as<void>();
  call.record({LLMC_FAIL_MEMORY, -1, bytes});
  return nullptr;
}

/// The bytes of a tensor of these sizes; nothing: they are impossible.
static std::optional<uint64_t> bytesOf(int32_t dtype, int32_t rank,
                                       const int64_t *dims) {
  if (rank < 0 || rank > LLMC_MAX_RANK)
    return std::nullopt;
  std::optional<int64_t> count = elementCount(dims, rank);
  if (!count || *count > INT64_MAX / 16)
    return std::nullopt;
  return static_cast<uint64_t>(dtypeBytes(dtype, *count));
}

void *Call::output(LlmcContext *context, int32_t index, int32_t rank,
                   const int64_t *dims) {
  Call &call = of(context);
  if (rank == LLMC_SEQUENCE)
    return call.startSequence(static_cast<size_t>(index), dims[0]);
  LlmcTensor &tensor = call.outputs_[static_cast<size_t>(index)];
  std::optional<uint64_t> bytes = bytesOf(tensor.dtype, rank, dims);
  if (!bytes) {
    call.record({LLMC_FAIL_OVERFLOW});
    return nullptr;
  }
  tensor.rank = rank;
  std::copy(dims, dims + rank, tensor.dims);
  Buffer &buffer = call.outputBuffers_[static_cast<size_t>(index)];
  if (*bytes == 0)
    return tensor.data = emptyBlock;
  if (*bytes > memoryLimit() || !buffer.reserve(*bytes)) {
    call.record({LLMC_FAIL_MEMORY, -1, static_cast<int64_t>(*bytes)});
    return nullptr;
  }
  return tensor.data = buffer.as<void>();
}

void *Call::startSequence(size_t index, int64_t count) {
  LlmcTensor &tensor = outputs_[index];
  OutputSequence &sequence = outputSequences_[index];
  if (!sequence.start(count, tensor.dtype)) {
    record({LLMC_FAIL_MEMORY, -1, count});
    return nullptr;
  }
  tensor = {sequence.tensors(), tensor.dtype, LLMC_SEQUENCE, {count}};
  return emptyBlock;
}

void *Call::item(LlmcContext *context, int32_t index, int64_t position,
                 int32_t rank, const int64_t *dims) {
  Call &call = of(context);
  OutputSequence &sequence = call.outputSequences_[static_cast<size_t>(index)];
  int32_t dtype = call.outputs_[static_cast<size_t>(index)].dtype;
  std::optional<uint64_t> bytes = bytesOf(dtype, rank, dims);
  if (!bytes || position < 0 || position >= sequence.size()) {
    call.record({LLMC_FAIL_OVERFLOW});
    return nullptr;
  }
  LlmcTensor &tensor = sequence.tensors()[position];
  tensor.rank = rank;
  std::copy(dims, dims + rank, tensor.dims);
  tensor.data = *bytes == 0 ? emptyBlock : sequence.reserve(position, *bytes);
  if (!tensor.data)
    call.record({LLMC_FAIL_MEMORY, -1, static_cast<int64_t>(*bytes)});
  return tensor.data;
}

const void *Call::weight(LlmcContext *context, int32_t weight) {
  const Call &call = of(context);
  auto id = static_cast<uint32_t>(weight);
  if (call.replaced_.second && call.replaced_.first == id)
    return call.replaced_.second;
  return call.model_->artifact().weight(id).data();
}

int32_t Call::parallel(LlmcContext *context, LlmcKernel kernel,
                       const int64_t *args, int64_t count, int64_t grain,
                       int32_t site, int64_t flops, int64_t bytes) {
  Call &call = of(context);
  auto begin =
      call.profile_ ? Profile::Clock::now() : Profile::Clock::time_point();
  int32_t result = call.model_->pool().run(kernel, args, count, grain);
  if (call.profile_)
    call.profile_->add(*call.entry_.info, site, begin, Profile::Clock::now(),
                       flops, bytes);
  if (result != LLMC_OK)
    call.record({result, site});
  return result;
}

void *Call::alloc(LlmcContext *context, int64_t bytes) {
  Call &call = of(context);
  if (bytes == 0)
    return emptyBlock;
  if (bytes > 0 && static_cast<uint64_t>(bytes) <= memoryLimit())
    if (void *data = call.blocks_.take(static_cast<uint64_t>(bytes)))
      return data;
  call.record({LLMC_FAIL_MEMORY, -1, bytes});
  return nullptr;
}

void Call::release(LlmcContext *context, void *block) {
  of(context).blocks_.giveBack(block);
}

int32_t Call::fail(LlmcContext *context, int32_t kind, int32_t site, int64_t a,
                   int64_t b, int64_t c) {
  of(context).record({kind, site, a, b, c});
  return kind;
}

int32_t Call::poll(LlmcContext *context) {
  return of(context).cancelled_->load(std::memory_order_relaxed);
}

/// The first failure is the cause. A kernel's failure comes without details and
/// the runtime's own without a place, which the host code may add.
void Call::record(const Failure &failure) {
  bool adds =
      failure.kind == failure_.kind && failure_.a == 0 && failure.a != 0;
  if (failure_.kind == LLMC_OK || adds)
    failure_ = failure;
  else if (failure_.site < 0)
    failure_.site = failure.site;
}

Status Call::describe(int32_t kind) const {
  const Failure &f = failure_;
  if (kind == LLMC_FAIL_CANCELLED)
    return Status(Code::Resource, "cancelled");
  if (f.kind == LLMC_FAIL_INPUT_DIM) {
    bool known =
        f.site >= 0 && static_cast<size_t>(f.site) < entry_.info->inputs.size();
    return Status(
        Code::BadInput,
        fmt::format(
            "input '{}' dim {} = {}, expected {}",
            known ? entry_.info->inputs[static_cast<size_t>(f.site)].name : "?",
            f.a, f.b, f.c));
  }
  auto make = [&](Code code, std::string what) {
    return Status(Error{.code = code,
                        .what = std::move(what),
                        .where = describeSite(*entry_.info, f.site)});
  };
  switch (f.kind) {
  case LLMC_FAIL_INDEX_RANGE:
    return make(Code::BadInput,
                f.a > 0 ? fmt::format("an index is outside [-{0}, {0})", f.a)
                        : "an index is out of range");
  case LLMC_FAIL_SHAPE:
    return make(Code::BadInput,
                fmt::format("sizes do not fit: {} against {}", f.a, f.b));
  case LLMC_FAIL_OVERFLOW:
    return make(Code::BadInput, "a tensor's size is too large");
  case LLMC_FAIL_MEMORY:
    return make(Code::Resource,
                fmt::format("out of memory: {} bytes could not be had", f.a));
  case LLMC_FAIL_CAPACITY:
    return make(
        Code::Resource,
        fmt::format(
            "the context is full: {} positions are needed, {} are there", f.b,
            f.a));
  case LLMC_FAIL_VALUE:
    if (f.b > f.c)
      return make(Code::BadInput,
                  fmt::format("a value of {} is not allowed", f.a));
    return make(
        Code::BadInput,
        f.c == INT64_MAX
            ? fmt::format("a size of {}, at least {} is needed", f.a, f.b)
            : fmt::format("a value of {} is outside [{}, {}]", f.a, f.b, f.c));
  case LLMC_FAIL_DIVIDE:
    return make(Code::BadInput, "integer division by zero");
  case LLMC_FAIL_ABSENT:
    return make(Code::BadInput, "the optional value has no element");
  }
  return make(Code::Internal,
              fmt::format("compiled code failed with {}", kind));
}

} // namespace llmc
