// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/reader/Model.h"

#include "frontend/InputError.h"

#include <climits>
#include <fmt/format.h>

namespace llmc::onnx {

const char *typedFieldName(TypedField field) {
  switch (field) {
  case TypedField::Float:
    return "float_data";
  case TypedField::Int32:
    return "int32_data";
  case TypedField::Int64:
    return "int64_data";
  case TypedField::Double:
    return "double_data";
  case TypedField::Uint64:
    return "uint64_data";
  }
  return "data";
}

std::string attributeTypeName(AttributeType type) {
  static constexpr const char *names[] = {
      "UNDEFINED",      "FLOAT",      "INT",        "STRING",
      "TENSOR",         "GRAPH",      "FLOATS",     "INTS",
      "STRINGS",        "TENSORS",    "GRAPHS",     "SPARSE_TENSOR",
      "SPARSE_TENSORS", "TYPE_PROTO", "TYPE_PROTOS"};
  auto index = static_cast<int32_t>(type);
  if (index < 0 || index >= static_cast<int32_t>(std::size(names)))
    return fmt::format("kind {}", index);
  return names[index];
}

AttributeProto::AttributeProto() = default;
AttributeProto::AttributeProto(AttributeProto &&) noexcept = default;
AttributeProto &AttributeProto::operator=(AttributeProto &&) noexcept = default;
AttributeProto::~AttributeProto() = default;

const TensorProto *AttributeProto::tensor() const {
  return type == AttributeType::Tensor && messages && !messages->tensors.empty()
             ? &messages->tensors[0]
             : nullptr;
}

const GraphProto *AttributeProto::graph() const {
  return type == AttributeType::Graph && messages && !messages->graphs.empty()
             ? &messages->graphs[0]
             : nullptr;
}

const SparseTensorProto *AttributeProto::sparseTensor() const {
  return type == AttributeType::SparseTensor && messages &&
                 !messages->sparseTensors.empty()
             ? &messages->sparseTensors[0]
             : nullptr;
}

const TypeProto *AttributeProto::typeProto() const {
  return type == AttributeType::TypeProto && messages &&
                 !messages->types.empty()
             ? &messages->types[0]
             : nullptr;
}

std::span<const GraphProto> AttributeProto::graphs() const {
  return messages ? std::span<const GraphProto>(messages->graphs)
                  : std::span<const GraphProto>();
}

std::span<GraphProto> AttributeProto::graphs() {
  return messages ? std::span<GraphProto>(messages->graphs)
                  : std::span<GraphProto>();
}

const AttributeProto *
NodeProto::attribute(std::string_view attributeName) const {
  for (const AttributeProto &attribute : attributes)
    if (attribute.name == attributeName)
      return &attribute;
  return nullptr;
}

std::string domainName(std::string_view domain) {
  return domain.empty() ? "ai.onnx" : escaped(domain);
}

std::string describeNode(const NodeProto &node) {
  std::string op = escaped(node.opType);
  if (node.name.empty())
    return fmt::format("node {} ({})", node.index, op);
  return fmt::format("node {} {} ({})", node.index, inQuotes(node.name), op);
}

std::string ModelFile::folder() const {
  size_t slash = path().rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path().substr(0, slash);
}

namespace {

/// Files that people give instead of a model. A model begins with a protobuf
/// tag, none of these does.
void refuseOtherFormats(Bytes bytes) {
  std::string_view head =
      asText(bytes.subspan(0, std::min<size_t>(bytes.size(), 512)));
  auto refuse = [](const char *what, const char *hint) {
    throw InputError("", fmt::format("not an ONNX model: this is {}", what),
                     hint);
  };
  auto contains = [&](std::string_view text) {
    return head.find(text) != std::string_view::npos;
  };
  if (head.starts_with("version https://git-lfs"))
    refuse("a Git LFS pointer, fetch the real file", "git lfs pull");
  size_t text = head.find_first_not_of(" \t\r\n");
  if (text != std::string_view::npos && head[text] == '<' &&
      (contains("<!DOCTYPE") || contains("<!doctype") || contains("<html") ||
       contains("<HTML") || contains("<?xml")))
    refuse("an HTML or XML page, perhaps the error page of a download", "");
  if (head.starts_with("PK\3\4") || head.starts_with("PK\5\6"))
    refuse("a zip archive (PyTorch checkpoints are)",
           "export the model to ONNX");
  if (head.starts_with("GGUF"))
    refuse("a GGUF file", "export the model to ONNX");
  if (head.size() > 9 && head.substr(8).starts_with("{\""))
    refuse("a safetensors file", "export the model to ONNX");
  if (head.starts_with("\x1f\x8b") ||
      head.starts_with("\xfd"
                       "7zXZ") ||
      head.starts_with("\x28\xb5\x2f\xfd"))
    refuse("a compressed file", "unpack it first");
  if (head.starts_with("\x89HDF"))
    refuse("an HDF5 file", "export the model to ONNX");
  if (head.size() > 8 && (head.substr(4).starts_with("ORTM") ||
                          head.substr(4).starts_with("TFL3")))
    refuse(head[4] == 'O' ? "a model in ONNX Runtime's own format"
                          : "a TensorFlow Lite model",
           "give the ONNX file");
  if (head.starts_with("LLMC"))
    refuse("a compiled artifact", "llmc run takes it as it is");
}

} // namespace

ModelFile openModel(const std::string &path) {
  ModelFile file;
  file.mapping = Mapping::open(path);
  Bytes bytes = file.mapping->bytes();
  if (bytes.empty())
    throw InputError("", "not an ONNX model: file is empty");
  refuseOtherFormats(bytes);
  if (bytes.size() > INT_MAX)
    throw InputError(
        "",
        fmt::format(
            "the file has {} bytes, more than the 2 GB that protobuf can hold",
            bytes.size()),
        "save the model with external data (onnx.save_model(..., "
        "save_as_external_data=True))");
  file.model = parseModel(bytes);
  return file;
}

} // namespace llmc::onnx
