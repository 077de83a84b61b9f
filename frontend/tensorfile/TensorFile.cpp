// SPDX-License-Identifier: Apache-2.0
#include "frontend/tensorfile/TensorFile.h"

#include "frontend/InputError.h"
#include "frontend/onnx/reader/Tensor.h"
#include "frontend/tensorfile/WriteFile.h"

#include <climits>
#include <fmt/format.h>

namespace llmc {

using onnx::asText;
using onnx::Bytes;
using onnx::ElementType;

uint64_t HostTensor::elementCount() const {
  uint64_t count = 1;
  for (int64_t dim : dims)
    count *= static_cast<uint64_t>(dim);
  return count;
}

HostTensor loadTensorPb(const std::string &path) {
  auto mapping = onnx::Mapping::open(path);
  Bytes bytes = mapping->bytes();
  try {
    if (bytes.size() > INT_MAX)
      throw InputError("", "larger than the 2 GB that protobuf can hold",
                       "use .npy");
    onnx::TensorProto proto = onnx::parseTensor(bytes, bytes);
    onnx::TensorData data = onnx::decodeTensor(proto, nullptr);
    HostTensor out;
    out.name = proto.name;
    out.dtype = proto.dataType;
    out.dims = proto.dims;
    out.data.assign(data.bytes().begin(), data.bytes().end());
    out.strings.assign(proto.strings.begin(), proto.strings.end());
    return out;
  } catch (InputError &error) {
    throw error.inFile(path);
  }
}

HostTensor loadTensorFile(const std::string &path) {
  if (path.ends_with(".pb"))
    return loadTensorPb(path);
  if (path.ends_with(".npy"))
    return loadNpy(path);
  throw InputError("", "neither a .pb nor a .npy file").inFile(path);
}

namespace {

/// Protobuf's wire format, as far as a TensorProto needs it.
class WireWriter {
public:
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
  }
  void number(uint32_t field, uint64_t value) {
    varint(field << 3);
    varint(value);
  }
  /// The tag and the length; the bytes follow.
  void header(uint32_t field, uint64_t length) {
    varint(field << 3 | 2);
    varint(length);
  }
  void bytes(uint32_t field, std::string_view value) {
    header(field, value.size());
    out += value;
  }
  std::string out;
};

} // namespace

void saveTensorPb(const std::string &path, const HostTensor &tensor) {
  if (tensor.data.size() > INT_MAX)
    throw InputError("", "larger than the 2 GB that protobuf can hold",
                     "use .npy")
        .inFile(path);
  WireWriter writer;
  for (int64_t dim : tensor.dims)
    writer.number(1, static_cast<uint64_t>(dim));
  writer.number(2, static_cast<uint64_t>(tensor.dtype));
  for (const std::string &text : tensor.strings)
    writer.bytes(6, text);
  if (!tensor.name.empty())
    writer.bytes(8, tensor.name);
  bool isString = tensor.dtype == static_cast<int32_t>(ElementType::String);
  if (!isString)
    writer.header(9, tensor.data.size());
  std::string_view pieces[] = {writer.out, asText(tensor.data)};
  writeFile(path, std::span(pieces).first(isString ? 1 : 2));
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
