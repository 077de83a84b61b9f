// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/reader/WireReader.h"

#include "frontend/InputError.h"

#include <bit>
#include <climits>
#include <fmt/format.h>

namespace llmc::onnx {

namespace {
constexpr size_t maxVarintBytes = 10;
const uint8_t *octets(Bytes bytes) {
  return reinterpret_cast<const uint8_t *>(bytes.data());
}
} // namespace

WireReader::WireReader(Bytes file, Bytes message)
    : whole(file), part(message),
      stream(octets(message), static_cast<int>(message.size())) {
  stream.SetTotalBytesLimit(INT_MAX);
}

size_t WireReader::offset() const {
  return static_cast<size_t>(part.data() - whole.data()) +
         static_cast<size_t>(stream.CurrentPosition());
}

void WireReader::fail(size_t at, const std::string &what) const {
  throw InputError(fmt::format("byte {}", at), what);
}

void WireReader::failTruncated(size_t at) const {
  throw InputError("", fmt::format("truncated protobuf at byte {}", at));
}

uint64_t WireReader::readVarint() {
  size_t start = static_cast<size_t>(stream.CurrentPosition());
  uint64_t value = 0;
  if (stream.ReadVarint64(&value))
    return value;
  size_t length = 0;
  while (start + length < part.size() &&
         (octets(part)[start + length] & 0x80) && length < maxVarintBytes)
    ++length;
  size_t at = static_cast<size_t>(part.data() - whole.data()) + start;
  if (length == maxVarintBytes)
    throw InputError("", fmt::format("varint too long at byte {}", at));
  failTruncated(at + length);
}

bool WireReader::next() {
  if (static_cast<size_t>(stream.CurrentPosition()) == part.size())
    return false;
  tagOffset = offset();
  uint64_t value = readVarint();
  uint64_t field = value >> 3;
  uint64_t type = value & 7;
  if (field == 0 || field > 0x1fffffff || type == 3 || type == 4 || type > 5)
    throw InputError(
        "",
        fmt::format("invalid protobuf tag at byte {} (field {}, wire type {})",
                    tagOffset, field, type));
  current = {static_cast<uint32_t>(field), static_cast<WireType>(type)};
  return true;
}

void WireReader::expect(WireType type, const char *name) const {
  if (current.type != type)
    fail(tagOffset,
         fmt::format("field {} ({}) has wire type {}, expected {}",
                     current.field, name, static_cast<int>(current.type),
                     static_cast<int>(type)));
}

uint64_t WireReader::varint(const char *name) {
  expect(WireType::Varint, name);
  return readVarint();
}

float WireReader::float32(const char *name) {
  expect(WireType::Fixed32, name);
  uint32_t value = 0;
  if (!stream.ReadLittleEndian32(&value))
    failTruncated(whole.size());
  return std::bit_cast<float>(value);
}

Bytes WireReader::bytes(const char *name) {
  expect(WireType::Bytes, name);
  uint64_t length = readVarint();
  size_t position = static_cast<size_t>(stream.CurrentPosition());
  uint64_t remain = part.size() - position;
  if (length > remain)
    fail(tagOffset, fmt::format("field {} ({}) claims {} bytes, {} remain",
                                current.field, name, length, remain));
  stream.Skip(static_cast<int>(length));
  return part.subspan(position, length);
}

void WireReader::skip() {
  switch (current.type) {
  case WireType::Varint:
    readVarint();
    return;
  case WireType::Bytes:
    bytes("unknown");
    return;
  case WireType::Fixed32:
  case WireType::Fixed64: {
    size_t start = offset();
    int size = current.type == WireType::Fixed32 ? 4 : 8;
    if (part.size() - static_cast<size_t>(stream.CurrentPosition()) <
        static_cast<size_t>(size))
      failTruncated(start);
    stream.Skip(size);
    return;
  }
  }
}

Bytes WireReader::scalarWithTag(WireType element, const char *name) {
  expect(element, name);
  skip();
  return whole.subspan(tagOffset, offset() - tagOffset);
}

bool PackedVarints::next(uint64_t &value) {
  if (rest.empty() || malformed)
    return false;
  uint64_t result = 0;
  for (size_t i = 0; i < rest.size() && i < maxVarintBytes; ++i) {
    auto octet = static_cast<uint64_t>(rest[i]);
    result |= (octet & 0x7f) << (7 * i);
    if (!(octet & 0x80)) {
      value = result;
      rest = rest.subspan(i + 1);
      return true;
    }
  }
  malformed = true;
  return false;
}

} // namespace llmc::onnx
