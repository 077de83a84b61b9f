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

/// What an input takes; none: it is not known.
std::optional<Feed::Kind> Feed::kindOf(const TensorInfo &info) {
  constexpr std::pair<std::string_view, Kind> kinds[] = {
      {"tokens", Kind::Tokens},          {"attention_mask", Kind::Ones},
      {"position_ids", Kind::Positions}, {"token_type_ids", Kind::Types},
      {"segments", Kind::Segments},      {"rows", Kind::Rows}};
  if (info.dtype != LLMC_I64 && info.dtype != LLMC_I32)
    return std::nullopt;
  std::string_view role = inputRole(info);
  for (auto [name, kind] : kinds) {
    bool isList = kind == Kind::Segments || kind == Kind::Rows;
    if (role == name && info.dims.size() == (isList ? 1 : 2))
      return kind;
  }
  return std::nullopt;
}

Status Feed::prepare(const EntryInfo &entry, int64_t positions,
                     std::span<const StateInfo> states) {
  for (const TensorInfo &info : entry.inputs) {
    if (addEmpty(info, states))
      continue;
    if (isSourceRole(inputRole(info))) {
      inputs_.push_back({Kind::Given, {}, 0});
      tensors_.push_back({});
      continue;
    }
    std::optional<Kind> kind = kindOf(info);
    if (!kind)
      return Status(
          Code::Unsupported,
          fmt::format("entry '{}': what input '{}' takes is not known",
                      entry.name, info.name));
    inputs_.push_back({*kind, {}, 0});
    tensors_.push_back({nullptr,
                        info.dtype,
                        static_cast<int32_t>(info.dims.size()),
                        {info.dims.size() == 1 ? 0 : 1, 0}});
    if (!reserve(inputs_.size() - 1, *kind == Kind::Ones ? positions : 1))
      return Status(Code::Resource, "out of memory");
  }
  return Status();
}

void Feed::fillTokens(const LlmcTensor &tensor, Kind kind,
                      std::span<const Segment> segments) {
  int64_t at = 0;
  for (const Segment &segment : segments)
    for (size_t k = 0; k < segment.tokens.size(); ++k)
      put(tensor, at++,
          kind == Kind::Tokens      ? segment.tokens[k]
          : kind == Kind::Positions ? segment.past + static_cast<int64_t>(k)
          : segment.types.empty()   ? 0
                                    : segment.types[k]);
}

Status Feed::fill(std::span<const Segment> segments,
                  std::span<const int64_t> rows) {
  int64_t count = 0, positions = 0;
  for (const Segment &segment : segments) {
    auto tokens = static_cast<int64_t>(segment.tokens.size());
    count += tokens;
    positions = segment.past + tokens; // a mask is of one sequence
    for (int64_t token : segment.tokens)
      if (token < 0 || token > INT32_MAX)
        return Status(Code::BadInput,
                      fmt::format("token {} is out of range", token));
  }
  for (size_t i = 0; i < inputs_.size(); ++i) {
    Kind kind = inputs_[i].kind;
    if (kind == Kind::Empty || kind == Kind::Given)
      continue;
    LlmcTensor &tensor = tensors_[i];
    int64_t &size = tensor.dims[tensor.rank - 1];
    size = kind == Kind::Ones       ? positions
           : kind == Kind::Segments ? static_cast<int64_t>(segments.size())
           : kind == Kind::Rows     ? static_cast<int64_t>(rows.size())
                                    : count;
    if (!reserve(i, size))
      return Status(Code::Resource, "out of memory");
    if (kind == Kind::Segments)
      for (size_t k = 0; k < segments.size(); ++k)
        put(tensor, static_cast<int64_t>(k),
            static_cast<int64_t>(segments[k].tokens.size()));
    else if (kind == Kind::Rows)
      for (size_t k = 0; k < rows.size(); ++k)
        put(tensor, static_cast<int64_t>(k), rows[k]);
    else if (kind != Kind::Ones)
      fillTokens(tensor, kind, segments);
  }
  return Status();
}

} // namespace llmc
