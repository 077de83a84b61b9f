// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/RawRun.h"
#include "runtime/core/DType.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::cli {

std::vector<ValueSlot> slotsOf(const std::vector<TensorInfo> &infos) {
  std::vector<ValueSlot> slots;
  for (const TensorInfo &info : infos)
    slots.push_back({info.name, info.kind, info.dtype});
  return slots;
}

Result<LlmcTensor> viewOf(HostTensor &tensor, const std::string &name) {
  if (tensor.dtype == LLMC_STRING)
    return Status(Code::Unsupported,
                  fmt::format("input '{}': strings are not supported", name));
  if (tensor.dims.size() > LLMC_MAX_RANK)
    return Status(Code::BadInput,
                  fmt::format("input '{}' has rank {}, at most {} is possible",
                              name, tensor.dims.size(), LLMC_MAX_RANK));
  LlmcTensor out = {tensor.data.data(),
                    tensor.dtype,
                    static_cast<int32_t>(tensor.dims.size()),
                    {}};
  std::copy(tensor.dims.begin(), tensor.dims.end(), out.dims);
  return out;
}

/// `tensors` holds a sequence's as long as the view is used.
static Result<LlmcTensor> view(HostValue &value,
                               std::vector<LlmcTensor> &tensors) {
  if (value.kind == ValueKind::Tensor)
    return viewOf(value.tensors.front(), value.name);
  for (size_t i = 0; i < value.tensors.size(); ++i) {
    auto tensor =
        viewOf(value.tensors[i], fmt::format("{}[{}]", value.name, i));
    if (!tensor)
      return tensor;
    tensors.push_back(*tensor);
  }
  LlmcTensor out = {tensors.data(), value.dtype, LLMC_SEQUENCE, {}};
  out.dims[0] =
      value.isAbsent ? LLMC_ABSENT : static_cast<int64_t>(tensors.size());
  return out;
}

HostTensor copyOf(const LlmcTensor &tensor) {
  HostTensor copy;
  copy.dtype = tensor.dtype;
  copy.dims.assign(tensor.dims, tensor.dims + tensor.rank);
  const auto *data = static_cast<const std::byte *>(tensor.data);
  copy.data.assign(
      data,
      data + dtypeBytes(tensor.dtype, *elementCount(tensor.dims, tensor.rank)));
  return copy;
}

static HostValue copyOf(const TensorInfo &info, const LlmcTensor &output) {
  HostValue copy;
  copy.name = info.name;
  copy.kind = info.kind;
  copy.dtype = output.dtype;
  if (output.rank != LLMC_SEQUENCE) {
    copy.tensors.push_back(copyOf(output));
    copy.tensors.back().name = info.name;
    return copy;
  }
  copy.isAbsent = output.dims[0] == LLMC_ABSENT;
  const auto *tensors = static_cast<const LlmcTensor *>(output.data);
  for (int64_t i = 0; i < output.dims[0]; ++i)
    copy.tensors.push_back(copyOf(tensors[i]));
  return copy;
}

Result<std::vector<HostValue>> runRaw(Call &call,
                                      std::vector<HostValue> &inputs) {
  std::vector<LlmcTensor> views;
  std::vector<std::vector<LlmcTensor>> sequences(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    auto tensor = view(inputs[i], sequences[i]);
    if (!tensor)
      return tensor.takeStatus();
    views.push_back(*tensor);
  }
  if (Status status = call.run(views); !status)
    return status;
  std::vector<HostValue> outputs;
  for (size_t i = 0; i < call.outputs().size(); ++i)
    outputs.push_back(copyOf(call.info().outputs[i], call.outputs()[i]));
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
