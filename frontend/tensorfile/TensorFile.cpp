// SPDX-License-Identifier: Apache-2.0
#include "frontend/tensorfile/TensorFile.h"

#include "frontend/InputError.h"
#include "frontend/onnx/reader/ElementType.h"

#include <fmt/format.h>

namespace llmc {

using onnx::ElementType;

uint64_t HostTensor::elementCount() const {
  uint64_t count = 1;
  for (int64_t dim : dims)
    count *= static_cast<uint64_t>(dim);
  return count;
}

HostTensor loadTensorFile(const std::string &path) {
  if (path.ends_with(".pb"))
    return loadTensorPb(path);
  if (path.ends_with(".npy"))
    return loadNpy(path);
  throw InputError("", "neither a .pb nor a .npy file").inFile(path);
}

void adoptType(HostTensor &tensor, int32_t expected) {
  auto is = [&](ElementType type) {
    return tensor.dtype == static_cast<int32_t>(type);
  };
  const onnx::ElementTypeInfo *info = onnx::findElementType(expected);
  if (!info)
    return;
  bool isFloat8 = std::string_view(info->name).starts_with("f8");
  if ((is(ElementType::Uint16) && info->type == ElementType::Bfloat16) ||
      (is(ElementType::Uint8) && isFloat8))
    tensor.dtype = expected;
}

std::string tensorFileStem(std::string_view name, std::string_view prefix,
                           size_t index) {
  constexpr size_t maxStem = 200;
  std::string out;
  for (char c : name.substr(0, maxStem)) {
    bool isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    out += isPlain ? std::string(1, c)
                   : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (name.empty() || name.size() > maxStem || out.size() > maxStem)
    return fmt::format("{}_{}", prefix, index);
  return out;
}

} // namespace llmc
