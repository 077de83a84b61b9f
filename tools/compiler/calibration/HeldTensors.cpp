// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/HeldTensors.h"

#include "runtime/core/DType.h"

namespace llmc::compiler {

void HeldTensors::add(const LlmcTensor &tensor) {
  if (!file)
    file = SpillFile::create();
  auto count = elementCount(tensor.dims, tensor.rank);
  auto size = static_cast<size_t>(dtypeBytes(tensor.dtype, *count));
  bytes.push_back(SpillFile::add(
      file, {static_cast<const std::byte *>(tensor.data), size}));
  tensors.push_back(tensor);
  tensors.back().data =
      const_cast<std::byte *>(bytes.back().bytes().data()); // only read
}

} // namespace llmc::compiler
