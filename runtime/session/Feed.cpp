// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Feed.h"
#include "runtime/session/Roles.h"
#include <fmt/format.h>

namespace llmc {

void Feed::put(const LlmcTensor &tensor, int64_t index, int64_t value) {
  if (tensor.dtype == LLMC_I64)
    static_cast<int64_t *>(tensor.data)[index] = value;
  else
    static_cast<int32_t *>(tensor.data)[index] = static_cast<int32_t>(value);
}

/// Room for `count` elements; a mask gets its ones.
bool Feed::reserve(size_t index, int64_t count) {
  Input &input = inputs_[index];
  uint64_t before = input.buffer.capacity();
  if (!input.buffer.reserve(static_cast<uint64_t>(count) * sizeof(int64_t)))
    return false;
  if (input.buffer.capacity() != before)
    input.ones = 0;
  tensors_[index].data = input.buffer.as<void>();
  for (; input.kind == Kind::Ones && input.ones < count; ++input.ones)
    put(tensors_[index], input.ones, 1);
  return true;
}

/// Whether the input is a cache: one sequence, and nothing of it yet.
bool Feed::addEmpty(const TensorInfo &info, std::span<const StateInfo> states) {
  for (const StateInfo &state : states) {
    if (state.input != info.name || state.dims.size() != info.dims.size())
      continue;
    LlmcTensor tensor = {
        nullptr, info.dtype, static_cast<int32_t>(info.dims.size()), {}};
    for (size_t d = 0; d < info.dims.size(); ++d)
      tensor.dims[d] = d == static_cast<size_t>(state.axis) ? 0
                       : info.dims[d].isFixed()             ? info.dims[d].size
                                                            : 1;
    inputs_.push_back({Kind::Empty, {}, 0});
    tensors_.push_back(tensor);
    return true;
  }
  return false;
}

Status Feed::prepare(const EntryInfo &entry, int64_t positions,
                     std::span<const StateInfo> states) {
  for (const TensorInfo &info : entry.inputs) {
    if (addEmpty(info, states))
      continue;
    std::string_view role = inputRole(info);
    bool isIntegers = info.dtype == LLMC_I64 || info.dtype == LLMC_I32;
    if (role.empty() || !isIntegers || info.dims.size() != 2)
      return Status(
          Code::Unsupported,
          fmt::format("entry '{}': what input '{}' takes is not known",
                      entry.name, info.name));
    Kind kind = role == "tokens"           ? Kind::Tokens
                : role == "attention_mask" ? Kind::Ones
                : role == "position_ids"   ? Kind::Positions
                                           : Kind::Zeros;
    inputs_.push_back({kind, {}, 0});
    tensors_.push_back({nullptr, info.dtype, 2, {1, 0}});
    if (!reserve(inputs_.size() - 1, kind == Kind::Ones ? positions : 1))
      return Status(Code::Resource, "out of memory");
  }
  return Status();
}

Status Feed::fill(std::span<const int64_t> tokens, int64_t past) {
  int64_t count = static_cast<int64_t>(tokens.size());
  for (int64_t token : tokens)
    if (token < 0 || token > INT32_MAX)
      return Status(Code::BadInput,
                    fmt::format("token {} is out of range", token));
  for (size_t i = 0; i < inputs_.size(); ++i) {
    Kind kind = inputs_[i].kind;
    if (kind == Kind::Empty)
      continue;
    LlmcTensor &tensor = tensors_[i];
    tensor.dims[1] = kind == Kind::Ones ? past + count : count;
    if (!reserve(i, tensor.dims[1]))
      return Status(Code::Resource, "out of memory");
    for (int64_t k = 0; kind != Kind::Ones && k < count; ++k)
      put(tensor, k,
          kind == Kind::Tokens      ? tokens[static_cast<size_t>(k)]
          : kind == Kind::Positions ? past + k
                                    : 0);
  }
  return Status();
}

} // namespace llmc
