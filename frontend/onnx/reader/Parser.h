// SPDX-License-Identifier: Apache-2.0
// The parser behind parseModel() and parseTensor(), shared by the files
// Parse*.cpp; nobody else includes it.
#ifndef LLMC_FRONTEND_ONNX_READER_PARSER_H
#define LLMC_FRONTEND_ONNX_READER_PARSER_H

#include "frontend/InputError.h"
#include "frontend/onnx/reader/Model.h"
#include "frontend/onnx/reader/WireReader.h"

#include <fmt/format.h>

namespace llmc::onnx {

inline constexpr unsigned maxTypeDepth = 64;
/// Bytes of structures (not of weights, which stay in the file). A node of two
/// bytes in the file takes 200 here, so without a limit a file of 2 GB could
/// ask for 200 GB.
inline constexpr size_t maxStructureBytes = size_t{4} << 30;
inline constexpr size_t maxAttributesPerNode = 1024;

/// From ONNX's protobuf messages to the structures of Model.h. Unknown fields
/// are passed over; a singular message given twice, a known field of another
/// wire type, deep nesting and structures that would fill the memory are
/// errors.
class Parser {
public:
  explicit Parser(Bytes file) : file(file) {}

  ModelProto model(Bytes message);
  TensorProto tensor(Bytes message);
  SequenceProto sequence(Bytes message);
  OptionalProto optional(Bytes message);

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

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_PARSER_H
