// SPDX-License-Identifier: Apache-2.0
// What a value of a model's signature is. Stateless.
#ifndef LLMC_RUNTIME_CORE_VALUEKIND_H
#define LLMC_RUNTIME_CORE_VALUEKIND_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace llmc {

/// All but the first are of the form LLMC_SEQUENCE (abi.h).
enum class ValueKind : uint8_t { Tensor, Sequence, Optional, OptionalSequence };

/// "tensor", "sequence", "optional", "optional_sequence".
constexpr const char *valueKindName(ValueKind kind) {
  constexpr const char *names[] = {"tensor", "sequence", "optional",
                                   "optional_sequence"};
  return names[static_cast<int>(kind)];
}
constexpr std::optional<ValueKind> valueKindFromName(std::string_view name) {
  for (ValueKind kind : {ValueKind::Tensor, ValueKind::Sequence,
                         ValueKind::Optional, ValueKind::OptionalSequence})
    if (name == valueKindName(kind))
      return kind;
  return std::nullopt;
}

} // namespace llmc

#endif
