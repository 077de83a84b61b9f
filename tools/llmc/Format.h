// SPDX-License-Identifier: Apache-2.0
// Sizes and types as the verbs print them. Stateless.
#ifndef LLMC_TOOLS_LLMC_FORMAT_H
#define LLMC_TOOLS_LLMC_FORMAT_H

#include "runtime/model/Manifest.h"
#include <nlohmann/json.hpp>
#include <string>

namespace llmc::cli {

/// "512 B", "25.3 MB".
std::string formatBytes(uint64_t bytes);
/// "f32[batch,1,past,64]", escaped.
std::string formatType(int32_t dtype, const std::vector<Dim> &dims);
/// The same, "sequence(f32[?,4])", "optional(sequence(f32))", ...
std::string formatType(const TensorInfo &info);
/// The kind around what is in it; an absent sequence is no part of it.
std::string formatKind(ValueKind kind, bool isAbsent, const std::string &items);
nlohmann::json dimsToJson(const std::vector<Dim> &dims);

} // namespace llmc::cli

#endif
