// SPDX-License-Identifier: Apache-2.0
// Files of one protobuf message: TensorProto, SequenceProto, OptionalProto.
#include "frontend/InputError.h"
#include "frontend/onnx/reader/Tensor.h"
#include "frontend/tensorfile/Value.h"
#include "frontend/tensorfile/WriteFile.h"

#include <climits>
#include <fmt/format.h>

namespace llmc {

using onnx::asText;
using onnx::Bytes;
using onnx::ElementType;

HostValue::HostValue(HostTensor tensor)
    : name(tensor.name), dtype(tensor.dtype) {
  tensors.push_back(std::move(tensor));
}

// ---- reading ----

static HostTensor hostTensor(const onnx::TensorProto &proto) {
  onnx::TensorData data = onnx::decodeTensor(proto, nullptr);
  HostTensor out;
  out.name = proto.name;
  out.dtype = proto.dataType;
  out.dims = proto.dims;
  out.data.assign(data.bytes().begin(), data.bytes().end());
  out.strings.assign(proto.strings.begin(), proto.strings.end());
  return out;
}

static void addTensors(const std::vector<onnx::TensorProto> &tensors,
                       HostValue &out) {
  for (const onnx::TensorProto &tensor : tensors) {
    out.tensors.push_back(hostTensor(tensor));
    if (out.tensors.back().dtype != out.tensors.front().dtype)
      throw InputError(
          "", fmt::format("holds {} and {} tensors",
                          onnx::elementTypeName(out.tensors.front().dtype),
                          onnx::elementTypeName(tensor.dataType)));
  }
}

static void readOptional(Bytes bytes, HostValue &out) {
  onnx::OptionalProto proto = onnx::parseOptional(bytes);
  out.name = proto.name;
  bool ofTensor = out.kind == ValueKind::Optional;
  if (ofTensor ? proto.sequence.has_value() : proto.tensor.has_value())
    throw InputError("", fmt::format("holds {}, expected {}",
                                     ofTensor ? "a sequence" : "a tensor",
                                     ofTensor ? "a tensor" : "a sequence"));
  out.isAbsent = !ofTensor && !proto.sequence;
  if (proto.tensor)
    out.tensors.push_back(hostTensor(*proto.tensor));
  if (proto.sequence)
    addTensors(proto.sequence->tensors, out);
}

/// Runs read(bytes) on a file's bytes.
template <typename F> static void readFile(const std::string &path, F read) {
  auto mapping = onnx::Mapping::open(path);
  try {
    if (mapping->bytes().size() > INT_MAX)
      throw InputError("", "larger than the 2 GB that protobuf can hold",
                       "use .npy");
    read(mapping->bytes());
  } catch (InputError &error) {
    throw error.inFile(path);
  }
}

HostTensor loadTensorPb(const std::string &path) {
  HostTensor out;
  readFile(path, [&](Bytes bytes) {
    out = hostTensor(onnx::parseTensor(bytes, bytes));
  });
  return out;
}

HostValue loadValuePb(const std::string &path, const ValueSlot &slot) {
  if (slot.kind == ValueKind::Tensor)
    return HostValue(loadTensorPb(path));
  HostValue out;
  out.kind = slot.kind;
  readFile(path, [&](Bytes bytes) {
    if (slot.kind != ValueKind::Sequence)
      return readOptional(bytes, out);
    onnx::SequenceProto proto = onnx::parseSequence(bytes);
    out.name = proto.name;
    addTensors(proto.tensors, out);
  });
  out.dtype = out.tensors.empty() ? slot.dtype : out.tensors.front().dtype;
  return out;
}

// ---- writing ----

namespace {

/// Protobuf's wire format, as far as these messages need it. Data is not
/// copied.
class WireWriter {
public:
  void number(uint32_t field, uint64_t value) {
    varint(field << 3);
    varint(value);
  }
  void text(uint32_t field, std::string_view value) {
    header(field, value.size());
    out += value;
  }
  void data(uint32_t field, std::string_view value) {
    header(field, value.size());
    cut(value);
  }
  void message(uint32_t field, WireWriter &&inner) {
    header(field, inner.size());
    for (Piece &piece : inner.pieces) {
      out += piece.own;
      cut(piece.borrowed);
    }
    out += inner.out;
  }
  uint64_t size() const {
    uint64_t bytes = out.size();
    for (const Piece &piece : pieces)
      bytes += piece.own.size() + piece.borrowed.size();
    return bytes;
  }
  std::vector<std::string_view> parts() const {
    std::vector<std::string_view> all;
    for (const Piece &piece : pieces) {
      all.push_back(piece.own);
      all.push_back(piece.borrowed);
    }
    all.push_back(out);
    return all;
  }

private:
  struct Piece {
    std::string own;
    std::string_view borrowed;
  };
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
  }
  /// The tag and the length; the bytes follow.
  void header(uint32_t field, uint64_t length) {
    varint(field << 3 | 2);
    varint(length);
  }
  void cut(std::string_view borrowed) {
    pieces.push_back({std::move(out), borrowed});
    out.clear();
  }

  std::vector<Piece> pieces;
  std::string out; // behind them
};

constexpr uint64_t typeTensor = 1, typeSequence = 3; // of elem_type

WireWriter tensorMessage(const HostTensor &tensor) {
  WireWriter writer;
  for (int64_t dim : tensor.dims)
    writer.number(1, static_cast<uint64_t>(dim));
  writer.number(2, static_cast<uint64_t>(tensor.dtype));
  for (const std::string &text : tensor.strings)
    writer.text(6, text);
  if (!tensor.name.empty())
    writer.text(8, tensor.name);
  if (tensor.dtype != static_cast<int32_t>(ElementType::String))
    writer.data(9, asText(tensor.data));
  return writer;
}

WireWriter sequenceMessage(const HostValue &value, std::string_view name) {
  WireWriter writer;
  if (!name.empty())
    writer.text(1, name);
  writer.number(2, typeTensor);
  for (const HostTensor &tensor : value.tensors)
    writer.message(3, tensorMessage(tensor));
  return writer;
}

WireWriter optionalMessage(const HostValue &value) {
  WireWriter writer;
  bool ofTensor = value.kind == ValueKind::Optional;
  bool has = ofTensor ? !value.tensors.empty() : !value.isAbsent;
  writer.text(1, value.name);
  writer.number(2, !has ? 0 : ofTensor ? typeTensor : typeSequence);
  if (has && ofTensor)
    writer.message(3, tensorMessage(value.tensors.front()));
  else if (has)
    writer.message(5, sequenceMessage(value, ""));
  return writer;
}

void saveMessage(const std::string &path, const WireWriter &writer) {
  if (writer.size() > INT_MAX)
    throw InputError("", "larger than the 2 GB that protobuf can hold",
                     "use .npy")
        .inFile(path);
  writeFile(path, writer.parts());
}

} // namespace

void saveTensorPb(const std::string &path, const HostTensor &tensor) {
  saveMessage(path, tensorMessage(tensor));
}

void saveValuePb(const std::string &path, const HostValue &value) {
  if (value.kind == ValueKind::Tensor)
    saveTensorPb(path, value.tensors.front());
  else if (value.kind == ValueKind::Sequence)
    saveMessage(path, sequenceMessage(value, value.name));
  else
    saveMessage(path, optionalMessage(value));
}

} // namespace llmc
