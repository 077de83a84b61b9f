// SPDX-License-Identifier: Apache-2.0
// What an entry's tensors mean: the manifest's role, or where it has none the
// name that exporters use. Stateless.
#ifndef LLMC_RUNTIME_SESSION_ROLES_H
#define LLMC_RUNTIME_SESSION_ROLES_H

#include "runtime/model/Manifest.h"
#include <optional>
#include <string_view>

namespace llmc {

/// tokens, attention_mask, position_ids, token_type_ids, features,
/// encoder_hidden, encoder_mask, cross_cache, or "" when not known.
std::string_view inputRole(const TensorInfo &info);
/// Whether an encoder gives it: encoder_hidden, encoder_mask or cross_cache.
bool isSourceRole(std::string_view role);
/// logits, hidden, embedding, or "" when not known.
std::string_view outputRole(const TensorInfo &info);
/// The first output of a role.
std::optional<size_t> findOutput(const EntryInfo &entry, std::string_view role);
/// The vocabulary's size when the logits' type fixes it.
std::optional<int64_t> vocabularySize(const EntryInfo &entry);

} // namespace llmc

#endif
