// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Roles.h"

namespace llmc {

std::string_view inputRole(const TensorInfo &info) {
  if (!info.role.empty())
    return info.role;
  if (info.kind != ValueKind::Tensor)
    return "";
  if (info.name == "input_ids")
    return "tokens";
  for (std::string_view role :
       {"attention_mask", "position_ids", "token_type_ids"})
    if (info.name == role)
      return role;
  return "";
}

bool isSourceRole(std::string_view role) {
  return role == "encoder_hidden" || role == "encoder_mask" ||
         role == "cross_cache";
}

std::string_view outputRole(const TensorInfo &info) {
  if (!info.role.empty())
    return info.role;
  if (info.kind != ValueKind::Tensor)
    return "";
  if (info.name == "logits")
    return "logits";
  if (info.name == "last_hidden_state" || info.name == "token_embeddings")
    return "hidden";
  return info.name == "sentence_embedding" ? "embedding" : "";
}

std::optional<size_t> findOutput(const EntryInfo &entry,
                                 std::string_view role) {
  for (size_t i = 0; i < entry.outputs.size(); ++i)
    if (outputRole(entry.outputs[i]) == role)
      return i;
  return std::nullopt;
}

std::optional<int64_t> vocabularySize(const EntryInfo &entry) {
  std::optional<size_t> logits = findOutput(entry, "logits");
  if (!logits || entry.outputs[*logits].dims.empty() ||
      !entry.outputs[*logits].dims.back().isFixed())
    return std::nullopt;
  return entry.outputs[*logits].dims.back().size;
}

} // namespace llmc
