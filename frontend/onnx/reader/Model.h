// SPDX-License-Identifier: Apache-2.0
// An ONNX model as plain structures whose strings and data are views into the
// mapped file, which ModelFile keeps alive. Used by the validation, the
// importer and `inspect`. Movable, not copyable; any thread may read.
#ifndef LLMC_FRONTEND_ONNX_READER_MODEL_H
#define LLMC_FRONTEND_ONNX_READER_MODEL_H

#include "frontend/onnx/reader/Mapping.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::onnx {

/// Subgraphs may be nested this deep.
inline constexpr unsigned maxGraphDepth = 64;

struct GraphProto;

struct StringEntry {
  std::string_view key;
  std::string_view value;
};

struct OpsetImport {
  std::string_view domain;
  int64_t version = 0;
};

/// TensorProto's repeated scalar fields, by their field numbers.
enum class TypedField : uint8_t {
  Float = 4,
  Int32 = 5,
  Int64 = 7,
  Double = 10,
  Uint64 = 11
};
const char *typedFieldName(TypedField field);

/// A piece of a repeated scalar field, still encoded: a packed block, or a run
/// of elements each behind its tag.
struct TypedChunk {
  TypedField field;
  bool tagged;
  Bytes bytes;
};

struct TensorProto {
  std::string_view name;
  int32_t dataType = 0;
  std::vector<int64_t> dims;
  std::optional<Bytes> raw;
  std::vector<TypedChunk> typed;
  std::vector<std::string_view> strings;
  bool isExternal = false;
  bool hasSegment = false;
  std::vector<StringEntry> external;
};

struct SparseTensorProto {
  TensorProto values; // its name is the tensor's
  TensorProto indices;
  std::vector<int64_t> dims;
};

/// A value of test vectors. Sequences of anything but tensors are refused.
struct SequenceProto {
  std::string_view name;
  std::vector<TensorProto> tensors;
};

struct OptionalProto {
  std::string_view name;
  std::optional<TensorProto> tensor;
  std::optional<SequenceProto> sequence;
};

struct Dim {
  enum class Kind : uint8_t { Unknown, Value, Param };
  Kind kind = Kind::Unknown;
  int64_t value = 0;
  std::string_view param;
};

struct TypeProto {
  enum class Kind : uint8_t {
    None,
    Tensor,
    Sequence,
    Map,
    Optional,
    SparseTensor,
    Opaque
  };
  Kind kind = Kind::None;
  int32_t elemType = 0;                  // of tensors; a map's key type
  std::optional<std::vector<Dim>> shape; // absent: the rank is unknown
  std::unique_ptr<TypeProto>
      element; // of sequence and optional; a map's value type
};

struct ValueInfo {
  std::string_view name;
  TypeProto type;
};

/// AttributeProto.AttributeType.
enum class AttributeType : int32_t {
  Undefined = 0,
  Float = 1,
  Int = 2,
  String = 3,
  Tensor = 4,
  Graph = 5,
  Floats = 6,
  Ints = 7,
  Strings = 8,
  Tensors = 9,
  Graphs = 10,
  SparseTensor = 11,
  SparseTensors = 12,
  TypeProto = 13,
  TypeProtos = 14,
};
/// `INT`, `TENSORS`, ...; `kind 99` for an unknown one.
std::string attributeTypeName(AttributeType type);

struct AttributeProto {
  std::string_view name;
  std::string_view refName; // of the enclosing function's attribute; empty: the
                            // value is here
  AttributeType type = AttributeType::Undefined;
  uint32_t present = 0; // bit t: a field of AttributeType t was in the file
  float f = 0;
  int64_t i = 0;
  std::string_view s;
  std::vector<int64_t> ints;
  std::vector<float> floats;
  std::vector<std::string_view> strings;

  /// Kinds that hold messages; TENSOR and TENSORS both fill tensors, and so on.
  struct Messages {
    std::vector<TensorProto> tensors;
    std::vector<GraphProto> graphs;
    std::vector<SparseTensorProto> sparseTensors;
    std::vector<TypeProto> types;
  };
  std::unique_ptr<Messages> messages;

  AttributeProto();
  AttributeProto(AttributeProto &&) noexcept;
  AttributeProto &operator=(AttributeProto &&) noexcept;
  ~AttributeProto();

  /// The single message of a TENSOR, GRAPH, SPARSE_TENSOR or TYPE_PROTO
  /// attribute; null for another kind.
  const TensorProto *tensor() const;
  const GraphProto *graph() const;
  const SparseTensorProto *sparseTensor() const;
  const TypeProto *typeProto() const;
  /// All subgraphs of a GRAPH or GRAPHS attribute.
  std::span<const GraphProto> graphs() const;
  std::span<GraphProto> graphs();
};

struct NodeProto {
  std::string_view name;
  std::string_view opType;
  std::string_view domain; // "ai.onnx" is read as ""
  std::string_view overload;
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::vector<AttributeProto> attributes;
  uint32_t index = 0; // position in its graph as the file has it

  const AttributeProto *attribute(std::string_view attributeName) const;
};

struct GraphProto {
  std::string_view name;
  std::vector<NodeProto> nodes;
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
  std::vector<ValueInfo> valueInfo;
  std::vector<TensorProto> initializers;
  std::vector<SparseTensorProto> sparseInitializers;

  GraphProto() = default;
  GraphProto(GraphProto &&) noexcept = default;
  GraphProto &operator=(GraphProto &&) noexcept = default;
};

struct FunctionProto {
  std::string_view name;
  std::string_view domain; // "ai.onnx" is read as ""
  std::string_view overload;
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::vector<std::string_view> attributes;      // required ones
  std::vector<AttributeProto> attributeDefaults; // those with a default
  std::vector<OpsetImport> opsets;
  std::vector<NodeProto> nodes;
  std::vector<ValueInfo> valueInfo;
};

struct ModelProto {
  int64_t irVersion = 0;
  std::string_view producerName;
  std::string_view producerVersion;
  std::string_view domain;
  int64_t modelVersion = 0;
  std::optional<GraphProto> graph;
  std::vector<OpsetImport> opsets;
  std::vector<StringEntry> metadata;
  std::vector<FunctionProto> functions;
  bool hasTraining = false;
};

/// A model and the file that its views lie in.
struct ModelFile {
  std::shared_ptr<Mapping> mapping;
  ModelProto model;

  const std::string &path() const { return mapping->path(); }
  /// Folder that external data is relative to.
  std::string folder() const;
};

/// Maps and parses a model; the wire format and the nesting are checked,
/// nothing else (Validate.h does that). Throws InputError.
ModelFile openModel(const std::string &path);

/// Parses messages that lie in file.
ModelProto parseModel(Bytes file);
TensorProto parseTensor(Bytes file, Bytes message);
SequenceProto parseSequence(Bytes file);
OptionalProto parseOptional(Bytes file);

/// `""` for ai.onnx's two names, else the domain.
inline std::string_view canonicalDomain(std::string_view domain) {
  return domain == "ai.onnx" ? "" : domain;
}
/// `ai.onnx` for "", escaped.
std::string domainName(std::string_view domain);

/// `node 7 'name' (Add)`, as messages say where. The name is left out where
/// there is none.
std::string describeNode(const NodeProto &node);

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_MODEL_H
