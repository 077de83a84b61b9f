// SPDX-License-Identifier: Apache-2.0
// From ONNX's protobuf messages to the structures of Model.h. Unknown fields
// are passed over; a singular message given twice, a known field of another
// wire type, deep nesting and structures that would fill the memory are errors.
#include "frontend/InputError.h"
#include "frontend/onnx/reader/Model.h"
#include "frontend/onnx/reader/WireReader.h"

#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace llmc::onnx {

namespace {

constexpr unsigned maxTypeDepth = 64;
/// Bytes of structures (not of weights, which stay in the file). A node of two
/// bytes in the file takes 200 here, so without a limit a file of 2 GB could
/// ask for 200 GB.
constexpr size_t maxStructureBytes = size_t{4} << 30;
constexpr size_t maxAttributesPerNode = 1024;

class Parser {
public:
  explicit Parser(Bytes file) : file(file) {}

  ModelProto model(Bytes message);
  TensorProto tensor(Bytes message);

private:
  GraphProto graph(Bytes message);
  NodeProto node(Bytes message);
  AttributeProto attribute(Bytes message);
  void attributeMessage(WireReader &wire, AttributeProto &out);
  FunctionProto function(Bytes message);
  SparseTensorProto sparseTensor(Bytes message);
  ValueInfo valueInfo(Bytes message);
  TypeProto type(Bytes message);
  void tensorType(Bytes message, TypeProto &out);
  std::vector<Dim> shape(Bytes message);
  Dim dim(Bytes message);
  OpsetImport opset(Bytes message);
  StringEntry entry(Bytes message);
  void typedScalars(WireReader &wire, TensorProto &out);
  void int64s(WireReader &wire, std::vector<int64_t> &out, const char *name);
  void floats(WireReader &wire, std::vector<float> &out, const char *name);

  /// Appends after counting against the limit of structure bytes.
  template <typename T>
  void append(const WireReader &wire, std::vector<T> &out, T value) {
    structureBytes += sizeof(T);
    if (structureBytes > maxStructureBytes)
      throw InputError(
          fmt::format("byte {}", wire.offset()),
          fmt::format("the model's structure takes more than {} GiB",
                      maxStructureBytes >> 30),
          "", ExitCode::OutOfResource);
    out.push_back(std::move(value));
  }

  void requireFirst(const WireReader &wire, bool seen, const char *name) {
    if (seen)
      wire.fail(wire.fieldOffset(), fmt::format("field {} ({}) is given twice",
                                                wire.field(), name));
  }

  Bytes file;
  size_t structureBytes = 0;
  unsigned graphDepth = 0;
  unsigned typeDepth = 0;
};

/// Counts one level of nesting for as long as it lives.
struct Level {
  Level(unsigned &depth, unsigned limit, const WireReader &wire,
        const char *what)
      : depth(depth) {
    if (depth >= limit)
      wire.fail(wire.fieldOffset(),
                fmt::format("{} nesting exceeds {}", what, limit));
    ++depth;
  }
  ~Level() { --depth; }
  unsigned &depth;
};

ModelProto Parser::model(Bytes message) {
  ModelProto out;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      out.irVersion = wire.int64("ir_version");
      break;
    case 2:
      out.producerName = wire.string("producer_name");
      break;
    case 3:
      out.producerVersion = wire.string("producer_version");
      break;
    case 4:
      out.domain = wire.string("domain");
      break;
    case 5:
      out.modelVersion = wire.int64("model_version");
      break;
    case 7:
      requireFirst(wire, out.graph.has_value(), "graph");
      out.graph = graph(wire.bytes("graph"));
      break;
    case 8:
      append(wire, out.opsets, opset(wire.bytes("opset_import")));
      break;
    case 14:
      append(wire, out.metadata, entry(wire.bytes("metadata_props")));
      break;
    case 20:
      out.hasTraining = true;
      wire.skip();
      break;
    case 25:
      append(wire, out.functions, function(wire.bytes("functions")));
      break;
    default:
      wire.skip();
    }
  }
  return out;
}

GraphProto Parser::graph(Bytes message) {
  GraphProto out;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1: {
      NodeProto parsed = node(wire.bytes("node"));
      parsed.index = static_cast<uint32_t>(out.nodes.size());
      append(wire, out.nodes, std::move(parsed));
      break;
    }
    case 2:
      out.name = wire.string("name");
      break;
    case 5:
      append(wire, out.initializers, tensor(wire.bytes("initializer")));
      break;
    case 11:
      append(wire, out.inputs, valueInfo(wire.bytes("input")));
      break;
    case 12:
      append(wire, out.outputs, valueInfo(wire.bytes("output")));
      break;
    case 13:
      append(wire, out.valueInfo, valueInfo(wire.bytes("value_info")));
      break;
    case 15:
      append(wire, out.sparseInitializers,
             sparseTensor(wire.bytes("sparse_initializer")));
      break;
    default:
      wire.skip();
    }
  }
  return out;
}

NodeProto Parser::node(Bytes message) {
  NodeProto out;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      append(wire, out.inputs, wire.string("input"));
      break;
    case 2:
      append(wire, out.outputs, wire.string("output"));
      break;
    case 3:
      out.name = wire.string("name");
      break;
    case 4:
      out.opType = wire.string("op_type");
      break;
    case 5:
      if (out.attributes.size() == maxAttributesPerNode)
        wire.fail(wire.fieldOffset(),
                  fmt::format("a node has more than {} attributes",
                              maxAttributesPerNode));
      append(wire, out.attributes, attribute(wire.bytes("attribute")));
      break;
    case 7:
      out.domain = canonicalDomain(wire.string("domain"));
      break;
    case 8:
      out.overload = wire.string("overload");
      break;
    default:
      wire.skip();
    }
  }
  return out;
}

constexpr uint32_t bit(AttributeType type) {
  return 1u << static_cast<uint32_t>(type);
}

AttributeProto Parser::attribute(Bytes message) {
  AttributeProto out;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      out.name = wire.string("name");
      break;
    case 2:
      out.f = wire.float32("f");
      out.present |= bit(AttributeType::Float);
      break;
    case 3:
      out.i = wire.int64("i");
      out.present |= bit(AttributeType::Int);
      break;
    case 4:
      out.s = wire.string("s");
      out.present |= bit(AttributeType::String);
      break;
    case 7:
      floats(wire, out.floats, "floats");
      out.present |= bit(AttributeType::Floats);
      break;
    case 8:
      int64s(wire, out.ints, "ints");
      out.present |= bit(AttributeType::Ints);
      break;
    case 9:
      append(wire, out.strings, wire.string("strings"));
      out.present |= bit(AttributeType::Strings);
      break;
    case 20:
      out.type = static_cast<AttributeType>(wire.int32("type"));
      break;
    case 21:
      out.refName = wire.string("ref_attr_name");
      break;
    default:
      attributeMessage(wire, out);
    }
  }
  return out;
}

/// The kinds of an attribute that hold messages.
void Parser::attributeMessage(WireReader &wire, AttributeProto &out) {
  struct Kind {
    uint32_t field;
    AttributeType type;
    bool isList;
    const char *name;
  };
  static constexpr Kind kinds[] = {
      {5, AttributeType::Tensor, false, "t"},
      {6, AttributeType::Graph, false, "g"},
      {10, AttributeType::Tensors, true, "tensors"},
      {11, AttributeType::Graphs, true, "graphs"},
      {14, AttributeType::TypeProto, false, "tp"},
      {15, AttributeType::TypeProtos, true, "type_protos"},
      {22, AttributeType::SparseTensor, false, "sparse_tensor"},
      {23, AttributeType::SparseTensors, true, "sparse_tensors"},
  };
  const Kind *kind = nullptr;
  for (const Kind &candidate : kinds)
    if (candidate.field == wire.field())
      kind = &candidate;
  if (!kind)
    return wire.skip();
  if (!kind->isList)
    requireFirst(wire, out.present & bit(kind->type), kind->name);
  out.present |= bit(kind->type);
  if (!out.messages)
    out.messages = std::make_unique<AttributeProto::Messages>();
  Bytes message = wire.bytes(kind->name);
  switch (kind->type) {
  case AttributeType::Tensor:
  case AttributeType::Tensors:
    return append(wire, out.messages->tensors, tensor(message));
  case AttributeType::Graph:
  case AttributeType::Graphs: {
    Level level(graphDepth, maxGraphDepth, wire, "subgraph");
    return append(wire, out.messages->graphs, graph(message));
  }
  case AttributeType::SparseTensor:
  case AttributeType::SparseTensors:
    return append(wire, out.messages->sparseTensors, sparseTensor(message));
  default:
    return append(wire, out.messages->types, type(message));
  }
}

FunctionProto Parser::function(Bytes message) {
  FunctionProto out;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      out.name = wire.string("name");
      break;
    case 4:
      append(wire, out.inputs, wire.string("input"));
      break;
    case 5:
      append(wire, out.outputs, wire.string("output"));
      break;
    case 6:
      append(wire, out.attributes, wire.string("attribute"));
      break;
    case 7: {
      NodeProto parsed = node(wire.bytes("node"));
      parsed.index = static_cast<uint32_t>(out.nodes.size());
      append(wire, out.nodes, std::move(parsed));
      break;
    }
    case 9:
      append(wire, out.opsets, opset(wire.bytes("opset_import")));
      break;
    case 10:
      out.domain = canonicalDomain(wire.string("domain"));
      break;
    case 11:
      append(wire, out.attributeDefaults,
             attribute(wire.bytes("attribute_proto")));
      break;
    case 12:
      append(wire, out.valueInfo, valueInfo(wire.bytes("value_info")));
      break;
    case 13:
      out.overload = wire.string("overload");
      break;
    default:
      wire.skip();
    }
  }
  return out;
}

TensorProto Parser::tensor(Bytes message) {
  TensorProto out;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      int64s(wire, out.dims, "dims");
      break;
    case 2:
      out.dataType = wire.int32("data_type");
      break;
    case 3:
      out.hasSegment = true;
      wire.skip();
      break;
    case 4:
    case 5:
    case 7:
    case 10:
    case 11:
      typedScalars(wire, out);
      break;
    case 6:
      append(wire, out.strings, wire.string("string_data"));
      break;
    case 8:
      out.name = wire.string("name");
      break;
    case 9:
      out.raw = wire.bytes("raw_data");
      break;
    case 13:
      append(wire, out.external, entry(wire.bytes("external_data")));
      break;
    case 14:
      out.isExternal = wire.int32("data_location") == 1;
      break;
    default:
      wire.skip();
    }
  }
  return out;
}

/// Keeps the encoded numbers as views. A run of unpacked elements that lie side
/// by side is one chunk.
void Parser::typedScalars(WireReader &wire, TensorProto &out) {
  auto field = static_cast<TypedField>(wire.field());
  const char *name = typedFieldName(field);
  if (wire.tag().type == WireType::Bytes)
    return append(wire, out.typed, TypedChunk{field, false, wire.bytes(name)});
  WireType element = field == TypedField::Float    ? WireType::Fixed32
                     : field == TypedField::Double ? WireType::Fixed64
                                                   : WireType::Varint;
  Bytes bytes = wire.scalarWithTag(element, name);
  if (!out.typed.empty()) {
    TypedChunk &last = out.typed.back();
    if (last.tagged && last.field == field &&
        last.bytes.data() + last.bytes.size() == bytes.data()) {
      last.bytes = {last.bytes.data(), last.bytes.size() + bytes.size()};
      return;
    }
  }
  append(wire, out.typed, TypedChunk{field, true, bytes});
}

void Parser::int64s(WireReader &wire, std::vector<int64_t> &out,
                    const char *name) {
  if (wire.tag().type != WireType::Bytes)
    return append(wire, out, wire.int64(name));
  Bytes block = wire.bytes(name);
  PackedVarints numbers(block);
  uint64_t value = 0;
  while (numbers.next(value))
    append(wire, out, static_cast<int64_t>(value));
  if (!numbers.valid())
    wire.fail(wire.fieldOffset(),
              fmt::format("field {} ({}) holds a truncated varint",
                          wire.field(), name));
}

void Parser::floats(WireReader &wire, std::vector<float> &out,
                    const char *name) {
  if (wire.tag().type != WireType::Bytes)
    return append(wire, out, wire.float32(name));
  Bytes block = wire.bytes(name);
  if (block.size() % sizeof(float))
    wire.fail(wire.fieldOffset(),
              fmt::format("field {} ({}) has {} bytes, no multiple of 4",
                          wire.field(), name, block.size()));
  for (size_t i = 0; i < block.size(); i += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, block.data() + i, sizeof value);
    append(wire, out, value);
  }
}

SparseTensorProto Parser::sparseTensor(Bytes message) {
  SparseTensorProto out;
  bool hasValues = false, hasIndices = false;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      requireFirst(wire, hasValues, "values");
      hasValues = true;
      out.values = tensor(wire.bytes("values"));
      break;
    case 2:
      requireFirst(wire, hasIndices, "indices");
      hasIndices = true;
      out.indices = tensor(wire.bytes("indices"));
      break;
    case 3:
      int64s(wire, out.dims, "dims");
      break;
    default:
      wire.skip();
    }
  }
  return out;
}

ValueInfo Parser::valueInfo(Bytes message) {
  ValueInfo out;
  bool hasType = false;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      out.name = wire.string("name");
      break;
    case 2:
      requireFirst(wire, hasType, "type");
      hasType = true;
      out.type = type(wire.bytes("type"));
      break;
    default:
      wire.skip();
    }
  }
  return out;
}

TypeProto Parser::type(Bytes message) {
  TypeProto out;
  WireReader wire(file, message);
  while (wire.next()) {
    Level level(typeDepth, maxTypeDepth, wire, "type");
    uint32_t field = wire.field();
    bool isKind =
        field == 1 || field == 4 || field == 5 || (field >= 7 && field <= 9);
    if (!isKind) {
      wire.skip();
      continue;
    }
    requireFirst(wire, out.kind != TypeProto::Kind::None, "value");
    Bytes inner = wire.bytes("value");
    out.kind = field == 1   ? TypeProto::Kind::Tensor
               : field == 4 ? TypeProto::Kind::Sequence
               : field == 5 ? TypeProto::Kind::Map
               : field == 7 ? TypeProto::Kind::Opaque
               : field == 8 ? TypeProto::Kind::SparseTensor
                            : TypeProto::Kind::Optional;
    if (field == 1 || field == 8) {
      tensorType(inner, out);
    } else if (field != 7) {
      WireReader element(file, inner);
      while (element.next()) {
        uint32_t typeField = field == 5 ? 2 : 1;
        if (field == 5 && element.field() == 1)
          out.elemType = element.int32("key_type");
        else if (element.field() == typeField && !out.element)
          out.element =
              std::make_unique<TypeProto>(type(element.bytes("elem_type")));
        else
          element.skip();
      }
    }
  }
  return out;
}

void Parser::tensorType(Bytes message, TypeProto &out) {
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      out.elemType = wire.int32("elem_type");
      break;
    case 2:
      requireFirst(wire, out.shape.has_value(), "shape");
      out.shape = shape(wire.bytes("shape"));
      break;
    default:
      wire.skip();
    }
  }
}

std::vector<Dim> Parser::shape(Bytes message) {
  std::vector<Dim> out;
  WireReader wire(file, message);
  while (wire.next()) {
    if (wire.field() == 1)
      append(wire, out, dim(wire.bytes("dim")));
    else
      wire.skip();
  }
  return out;
}

Dim Parser::dim(Bytes message) {
  Dim out;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      out.value = wire.int64("dim_value");
      out.kind = Dim::Kind::Value;
      break;
    case 2:
      out.param = wire.string("dim_param");
      out.kind = out.param.empty() ? Dim::Kind::Unknown : Dim::Kind::Param;
      break;
    default:
      wire.skip();
    }
  }
  return out;
}

OpsetImport Parser::opset(Bytes message) {
  OpsetImport out;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      out.domain = canonicalDomain(wire.string("domain"));
      break;
    case 2:
      out.version = wire.int64("version");
      break;
    default:
      wire.skip();
    }
  }
  return out;
}

StringEntry Parser::entry(Bytes message) {
  StringEntry out;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      out.key = wire.string("key");
      break;
    case 2:
      out.value = wire.string("value");
      break;
    default:
      wire.skip();
    }
  }
  return out;
}

} // namespace

ModelProto parseModel(Bytes file) { return Parser(file).model(file); }
TensorProto parseTensor(Bytes file, Bytes message) {
  return Parser(file).tensor(message);
}

} // namespace llmc::onnx
