// SPDX-License-Identifier: Apache-2.0
// Tensors, whose data stays where it is, and repeated numbers.
#include "frontend/onnx/reader/Parser.h"

#include <cstring>

namespace llmc::onnx {

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

} // namespace llmc::onnx
