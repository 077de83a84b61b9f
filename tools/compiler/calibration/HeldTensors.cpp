// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/HeldTensors.h"

#include "runtime/core/DType.h"

namespace llmc::compiler {

void HeldTensors::add(const LlmcTensor &tensor, SpareFiles *spare) {
  auto count = elementCount(tensor.dims, tensor.rank);
  auto size = static_cast<size_t>(dtypeBytes(tensor.dtype, *count));
  if (!file) {
    auto known = spare ? spare->extract(size) : SpareFiles::node_type();
    file = known ? std::move(known.mapped()) : SpillFile::create();
  }
  bytes.push_back(SpillFile::add(
      file, {static_cast<const std::byte *>(tensor.data), size}));
  tensors.push_back(tensor);
  tensors.back().data =
      const_cast<std::byte *>(bytes.back().bytes().data()); // only read
}

void HeldTensors::giveFile(SpareFiles &spare) && {
  if (bytes.empty())
    return;
  size_t size = bytes.front().bytes().size();
  tensors.clear(), bytes.clear();
  file->rewind();
  spare.emplace(size, std::move(file));
}

} // namespace llmc::compiler
