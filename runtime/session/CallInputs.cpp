// SPDX-License-Identifier: Apache-2.0
// Checks the tensors that a caller gives against the entry's signature, before
// compiled code sees them.
#include "runtime/core/DType.h"
#include "runtime/session/Call.h"
#include <fmt/format.h>

namespace llmc {

Status Call::checkInputs(std::span<const LlmcTensor> inputs) {
  const std::vector<TensorInfo> &infos = entry_.info->inputs;
  if (inputs.size() != infos.size())
    return Status(Code::BadInput,
                  fmt::format("entry '{}' takes {} inputs, {} are given",
                              entry_.info->name, infos.size(), inputs.size()));
  bindings_.clear();
  for (size_t i = 0; i < inputs.size(); ++i)
    if (Status status = checkInput(infos[i], inputs[i]); !status)
      return status;
  return Status();
}

static const char *describeKind(ValueKind kind) {
  switch (kind) {
  case ValueKind::Tensor:
    return "a tensor";
  case ValueKind::Sequence:
    return "a sequence";
  case ValueKind::Optional:
    return "an optional tensor";
  case ValueKind::OptionalSequence:
    return "an optional sequence";
  }
  return "nothing";
}

/// An input, or tensor i of it.
static std::string nameOf(const TensorInfo &info, int64_t i) {
  return i < 0 ? info.name : fmt::format("{}[{}]", info.name, i);
}

/// A tensor that is an input (i < 0) or in one: type, rank, that its sizes are
/// possible and that there is data.
static Status checkTensor(const TensorInfo &info, int64_t i,
                          const LlmcTensor &tensor) {
  if (tensor.dtype != info.dtype)
    return Status(Code::BadInput,
                  fmt::format("input '{}' has type {}, expected {}",
                              nameOf(info, i), dtypeName(tensor.dtype),
                              dtypeName(info.dtype)));
  int64_t rank = static_cast<int64_t>(info.dims.size());
  if (tensor.rank < 0 || tensor.rank > LLMC_MAX_RANK ||
      (info.hasRank && tensor.rank != rank))
    return Status(Code::BadInput,
                  fmt::format("input '{}' has rank {}, expected {}",
                              nameOf(info, i), tensor.rank,
                              info.hasRank
                                  ? std::to_string(rank)
                                  : fmt::format("0 to {}", LLMC_MAX_RANK)));
  std::optional<int64_t> count = elementCount(tensor.dims, tensor.rank);
  if (!count || *count > INT64_MAX / 16)
    return Status(Code::BadInput, fmt::format("input '{}' has impossible dims",
                                              nameOf(info, i)));
  if (*count > 0 && !tensor.data)
    return Status(Code::BadInput,
                  fmt::format("input '{}' has no data", nameOf(info, i)));
  return Status();
}

Status Call::checkInput(const TensorInfo &info, const LlmcTensor &tensor) {
  bool isSequence = tensor.rank == LLMC_SEQUENCE;
  if (isSequence != (info.kind != ValueKind::Tensor))
    return Status(Code::BadInput,
                  fmt::format("input '{}' is {}, expected {}", info.name,
                              describeKind(isSequence ? ValueKind::Sequence
                                                      : ValueKind::Tensor),
                              describeKind(info.kind)));
  if (isSequence)
    return checkSequence(info, tensor);
  if (Status status = checkTensor(info, -1, tensor); !status)
    return status;
  return checkDims(info, tensor);
}

Status Call::checkSequence(const TensorInfo &info, const LlmcTensor &sequence) {
  if (sequence.dtype != info.dtype)
    return Status(Code::BadInput,
                  fmt::format("input '{}' has type {}, expected {}", info.name,
                              dtypeName(sequence.dtype),
                              dtypeName(info.dtype)));
  int64_t count = sequence.dims[0];
  int64_t least = info.kind == ValueKind::OptionalSequence ? LLMC_ABSENT : 0;
  int64_t most = info.kind == ValueKind::Optional
                     ? 1
                     : static_cast<int64_t>(memoryLimit() / sizeof(LlmcTensor));
  if (count < least || count > most)
    return Status(
        Code::BadInput,
        info.kind == ValueKind::Optional
            ? fmt::format("input '{}' has {} tensors, expected 0 or 1",
                          info.name, count)
            : fmt::format("input '{}' has an impossible number of tensors, {}",
                          info.name, count));
  if (count > 0 && !sequence.data)
    return Status(Code::BadInput,
                  fmt::format("input '{}' has no data", info.name));
  // Compiled code copies all of it into one block.
  uint64_t bytes = 0;
  const auto *tensors = static_cast<const LlmcTensor *>(sequence.data);
  for (int64_t i = 0; i < count; ++i) {
    const LlmcTensor &tensor = tensors[i];
    if (Status status = checkTensor(info, i, tensor); !status)
      return status;
    for (size_t d = 0; d < info.dims.size(); ++d)
      if (info.dims[d].isFixed() && tensor.dims[d] != info.dims[d].size)
        return Status(Code::BadInput,
                      fmt::format("input '{}' dim {} = {}, expected {}",
                                  nameOf(info, i), d, tensor.dims[d],
                                  info.dims[d].size));
    auto size = static_cast<uint64_t>(
        dtypeBytes(tensor.dtype, *elementCount(tensor.dims, tensor.rank)));
    if (size > memoryLimit() - bytes)
      return Status(
          Code::Resource,
          fmt::format("input '{}' does not fit into memory", nameOf(info, i)));
    bytes += size;
  }
  return Status();
}

Status Call::checkDims(const TensorInfo &info, const LlmcTensor &tensor) {
  for (size_t d = 0; d < info.dims.size(); ++d) {
    const Dim &dim = info.dims[d];
    int64_t expected = dim.size;
    if (!dim.isFixed()) {
      // "?": a size that nothing else depends on.
      if (dim.symbol[0] == '?')
        continue;
      const Binding *bound = nullptr;
      for (const Binding &binding : bindings_)
        if (*binding.symbol == dim.symbol)
          bound = &binding;
      if (!bound) {
        bindings_.push_back({&dim.symbol, tensor.dims[d]});
        continue;
      }
      expected = bound->size;
    }
    if (tensor.dims[d] != expected)
      return Status(Code::BadInput,
                    fmt::format("input '{}' dim {} = {}, expected {}",
                                info.name, d, tensor.dims[d], expected));
  }
  return Status();
}

} // namespace llmc
