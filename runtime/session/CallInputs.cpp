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

Status Call::checkInput(const TensorInfo &info, const LlmcTensor &tensor) {
  if (tensor.dtype != info.dtype)
    return Status(Code::BadInput,
                  fmt::format("input '{}' has type {}, expected {}", info.name,
                              dtypeName(tensor.dtype), dtypeName(info.dtype)));
  if (tensor.rank < 0 || static_cast<size_t>(tensor.rank) != info.dims.size())
    return Status(Code::BadInput,
                  fmt::format("input '{}' has rank {}, expected {}", info.name,
                              tensor.rank, info.dims.size()));
  std::optional<int64_t> count = elementCount(tensor.dims, tensor.rank);
  if (!count || *count > INT64_MAX / 16)
    return Status(Code::BadInput,
                  fmt::format("input '{}' has impossible dims", info.name));
  if (*count > 0 && !tensor.data)
    return Status(Code::BadInput,
                  fmt::format("input '{}' has no data", info.name));
  return checkDims(info, tensor);
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
