// SPDX-License-Identifier: Apache-2.0
// SequenceProto and OptionalProto, which only files of test vectors hold.
#include "frontend/onnx/reader/Parser.h"

namespace llmc::onnx {

[[noreturn]] static void refuse(const char *what) {
  throw InputError("", what, "", ExitCode::Unsupported);
}

SequenceProto Parser::sequence(Bytes message) {
  SequenceProto out;
  WireReader wire(file, message);
  while (wire.next()) {
    switch (wire.field()) {
    case 1:
      out.name = wire.string("name");
      break;
    case 3:
      append(wire, out.tensors, tensor(wire.bytes("tensor_values")));
      break;
    case 4:
    case 5:
    case 6:
    case 7:
      refuse("a sequence of anything but tensors is not supported");
    default:
      wire.skip();
    }
  }
  return out;
}

OptionalProto Parser::optional(Bytes message) {
  OptionalProto out;
  WireReader wire(file, message);
  while (wire.next()) {
    bool isFirst = !out.tensor && !out.sequence;
    switch (wire.field()) {
    case 1:
      out.name = wire.string("name");
      break;
    case 3:
      requireFirst(wire, !isFirst, "tensor_value");
      out.tensor = tensor(wire.bytes("tensor_value"));
      break;
    case 5:
      requireFirst(wire, !isFirst, "sequence_value");
      out.sequence = sequence(wire.bytes("sequence_value"));
      break;
    case 4:
    case 6:
    case 7:
      refuse("an optional value that holds neither a tensor nor a sequence is "
             "not supported");
    default:
      wire.skip();
    }
  }
  return out;
}

SequenceProto parseSequence(Bytes file) { return Parser(file).sequence(file); }
OptionalProto parseOptional(Bytes file) { return Parser(file).optional(file); }

} // namespace llmc::onnx
