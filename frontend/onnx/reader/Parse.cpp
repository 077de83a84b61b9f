// SPDX-License-Identifier: Apache-2.0
// Models, graphs, nodes, attributes and functions.
#include "frontend/onnx/reader/Parser.h"

namespace llmc::onnx {

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

static constexpr uint32_t bit(AttributeType type) {
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

/// Keeps the encoded numbers as views. A run of unpacked elements that lie side

/// by side is one chunk.

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

ModelProto parseModel(Bytes file) { return Parser(file).model(file); }
TensorProto parseTensor(Bytes file, Bytes message) {
  return Parser(file).tensor(message);
}

} // namespace llmc::onnx
