// SPDX-License-Identifier: Apache-2.0
// One protobuf message inside a mapping, read field by field with Protobuf's
// CodedInputStream. Every read is bounded by the message and every error names
// the byte's offset in the file; bytes are returned as views.
#ifndef LLMC_FRONTEND_ONNX_READER_WIREREADER_H
#define LLMC_FRONTEND_ONNX_READER_WIREREADER_H

#include "frontend/onnx/reader/Mapping.h"

#include <cstdint>
#include <google/protobuf/io/coded_stream.h>

namespace llmc::onnx {

enum class WireType : uint8_t {
  Varint = 0,
  Fixed64 = 1,
  Bytes = 2,
  Fixed32 = 5
};

struct Tag {
  uint32_t field = 0;
  WireType type = WireType::Varint;
};

class WireReader {
public:
  /// Reads message, which lies in file (both views must outlive the reader); at
  /// most 2 GB.
  WireReader(Bytes file, Bytes message);

  /// Moves to the next field; false at the message's end.
  bool next();
  Tag tag() const { return current; }
  uint32_t field() const { return current.field; }
  /// Offset in the file of the current field's tag.
  size_t fieldOffset() const { return tagOffset; }
  /// Offset in the file of what is read next.
  size_t offset() const;
  Bytes file() const { return whole; }

  /// The current field's value. name is the field's name, for messages.
  uint64_t varint(const char *name);
  int64_t int64(const char *name) { return static_cast<int64_t>(varint(name)); }
  int32_t int32(const char *name) { return static_cast<int32_t>(varint(name)); }
  float float32(const char *name);
  Bytes bytes(const char *name);
  std::string_view string(const char *name) { return asText(bytes(name)); }
  /// Passes over the current field, whatever its type.
  void skip();

  /// All bytes of the current value with or without its tag; for repeated
  /// scalars, which are decoded later.
  Bytes scalarWithTag(WireType element, const char *name);

  [[noreturn]] void fail(size_t at, const std::string &what) const;

private:
  void expect(WireType type, const char *name) const;
  uint64_t readVarint();
  [[noreturn]] void failTruncated(size_t at) const;

  Bytes whole;
  Bytes part;
  google::protobuf::io::CodedInputStream stream;
  Tag current;
  size_t tagOffset = 0;
};

/// Reads all varints in a packed block, in order. Call valid() after.
class PackedVarints {
public:
  explicit PackedVarints(Bytes block) : rest(block) {}
  /// False at the end or at a malformed number.
  bool next(uint64_t &value);
  bool valid() const { return !malformed; }

private:
  Bytes rest;
  bool malformed = false;
};

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_WIREREADER_H
