// SPDX-License-Identifier: Apache-2.0
// Declared types of values.
#include "frontend/onnx/reader/Parser.h"

namespace llmc::onnx {

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

} // namespace llmc::onnx
