// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/RawRun.h"
#include "runtime/core/DType.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::cli {

std::vector<std::string> namesOf(const std::vector<TensorInfo> &tensors) {
  std::vector<std::string> names;
  for (const TensorInfo &tensor : tensors)
    names.push_back(tensor.name);
  return names;
}

static Result<LlmcTensor> view(HostTensor &tensor) {
  if (tensor.dtype == LLMC_STRING)
    return Status(
        Code::Unsupported,
        fmt::format("input '{}': strings are not supported", tensor.name));
  if (tensor.dims.size() > LLMC_MAX_RANK)
    return Status(Code::BadInput,
                  fmt::format("input '{}' has rank {}, at most {} is possible",
                              tensor.name, tensor.dims.size(), LLMC_MAX_RANK));
  LlmcTensor out = {tensor.data.data(),
                    tensor.dtype,
                    static_cast<int32_t>(tensor.dims.size()),
                    {}};
  std::copy(tensor.dims.begin(), tensor.dims.end(), out.dims);
  return out;
}

Result<std::vector<HostTensor>> runRaw(Call &call,
                                       std::vector<HostTensor> &inputs) {
  std::vector<LlmcTensor> views;
  for (HostTensor &input : inputs) {
    auto tensor = view(input);
    if (!tensor)
      return tensor.takeStatus();
    views.push_back(*tensor);
  }
  if (Status status = call.run(views); !status)
    return status;
  std::vector<HostTensor> outputs;
  for (size_t i = 0; i < call.outputs().size(); ++i) {
    const LlmcTensor &tensor = call.outputs()[i];
    HostTensor output;
    output.name = call.info().outputs[i].name;
    output.dtype = tensor.dtype;
    output.dims.assign(tensor.dims, tensor.dims + tensor.rank);
    const auto *data = static_cast<const std::byte *>(tensor.data);
    output.data.assign(
        data, data + dtypeBytes(tensor.dtype,
                                *elementCount(tensor.dims, tensor.rank)));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Status toStatus(const InputError &error, const std::string &file) {
  return Error{.code = static_cast<Code>(error.code()),
               .what = error.message(),
               .file = error.file().empty() ? file : error.file(),
               .where = error.where(),
               .hint = error.hint()};
}

} // namespace llmc::cli
