// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/reader/Functions.h"

#include "frontend/InputError.h"

#include <fmt/format.h>

namespace llmc::onnx {

FunctionTable::FunctionTable(const ModelProto &model) : model(model) {
  for (uint32_t i = 0; i < model.functions.size(); ++i) {
    const FunctionProto &function = model.functions[i];
    if (function.name.empty())
      throw InputError(
          fmt::format("function {} of domain {}", i, inQuotes(function.domain)),
          "the function has no name");
    if (!indices
             .emplace(
                 std::tuple(function.domain, function.name, function.overload),
                 i)
             .second)
      throw InputError(describeFunction(function),
                       "the function is defined twice");
  }
}

int64_t FunctionTable::indexOf(const NodeProto &node) const {
  if (indices.empty())
    return -1;
  auto found = indices.find({node.domain, node.opType, node.overload});
  return found == indices.end() ? int64_t{-1} : int64_t{found->second};
}

const FunctionProto *FunctionTable::find(const NodeProto &node) const {
  int64_t index = indexOf(node);
  return index < 0 ? nullptr : &model.functions[static_cast<size_t>(index)];
}

std::string describeFunction(const FunctionProto &function) {
  std::string name =
      fmt::format("{}.{}", domainName(function.domain), escaped(function.name));
  if (!function.overload.empty())
    name += ":" + escaped(function.overload);
  return "function '" + name + "'";
}

} // namespace llmc::onnx
