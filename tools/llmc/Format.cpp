// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/Format.h"
#include "runtime/core/DType.h"
#include "runtime/core/Escape.h"
#include <fmt/format.h>

namespace llmc::cli {

std::string formatBytes(uint64_t bytes) {
  if (bytes < 1000)
    return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  const char *unit = "B";
  for (const char *next : {"kB", "MB", "GB", "TB"}) {
    if (value < 1000)
      break;
    value /= 1000;
    unit = next;
  }
  return fmt::format("{:.1f} {}", value, unit);
}

std::string formatType(int32_t dtype, const std::vector<Dim> &dims) {
  std::string text = fmt::format("{}[", dtypeName(dtype));
  for (size_t i = 0; i < dims.size(); ++i)
    text += fmt::format("{}{}", i ? "," : "",
                        dims[i].isFixed() ? std::to_string(dims[i].size)
                                          : escapeText(dims[i].symbol));
  return text + "]";
}

std::string formatKind(ValueKind kind, bool isAbsent,
                       const std::string &items) {
  switch (kind) {
  case ValueKind::Tensor:
    break;
  case ValueKind::Sequence:
    return "sequence(" + items + ")";
  case ValueKind::Optional:
    return "optional(" + items + ")";
  case ValueKind::OptionalSequence:
    return isAbsent ? "optional()" : "optional(sequence(" + items + "))";
  }
  return items;
}

std::string formatType(const TensorInfo &info) {
  return formatKind(info.kind, false,
                    info.hasRank ? formatType(info.dtype, info.dims)
                                 : dtypeName(info.dtype));
}

nlohmann::json dimsToJson(const std::vector<Dim> &dims) {
  nlohmann::json list = nlohmann::json::array();
  for (const Dim &dim : dims)
    list.push_back(dim.isFixed() ? nlohmann::json(dim.size)
                                 : nlohmann::json(dim.symbol));
  return list;
}

} // namespace llmc::cli
