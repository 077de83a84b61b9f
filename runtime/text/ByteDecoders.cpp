// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/ByteDecoders.h"
#include "runtime/text/ByteLevel.h"
#include "runtime/text/Utf8.h"

namespace llmc::text {

static constexpr std::string_view replacementCharacter = "\xEF\xBF\xBD";

void ByteLevelStage::finish() {
  if (!bytes_.empty())
    next->piece(replacementCharacter);
  next->endToken();
  next->finish();
}

void ByteLevelStage::whole(std::string &token) {
  bytes_ += *bytesOf(token);
  sendComplete();
}

std::optional<std::string> ByteLevelStage::bytesOf(std::string_view token) {
  std::string bytes;
  for (size_t i = 0; i < token.size();) {
    CodePoint p = decodeAt(token, i);
    int byte = charToByte(p.value);
    if (byte < 0)
      return std::string(token);
    bytes.push_back(static_cast<char>(byte));
    i += p.size;
  }
  return bytes;
}

void ByteLevelStage::sendComplete() {
  size_t end = bytes_.size();
  for (size_t back = 1; back <= 3 && back <= bytes_.size(); ++back) {
    auto byte = static_cast<unsigned char>(bytes_[bytes_.size() - back]);
    if (byte >= 0xC0) {
      size_t at = bytes_.size() - back;
      if (sequenceAt(bytes_, at).kind == Utf8Sequence::Incomplete)
        end = at;
      break;
    }
    if (byte < 0x80)
      break;
  }
  repaired_.clear();
  appendRepaired(repaired_, std::string_view(bytes_).substr(0, end));
  bytes_.erase(0, end);
  if (!repaired_.empty())
    next->piece(repaired_);
}

/// Of "<0xNN>", else -1.
static int byteOf(std::string_view token) {
  if (token.size() != 6 || token.substr(0, 3) != "<0x" || token[5] != '>')
    return -1;
  int value = 0;
  for (char c : token.substr(3, 2)) {
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                       : -1;
    // A sign is part of a number for the package.
    if (digit < 0 && !(c == '+' && &c == &token[3]))
      return -1;
    value = value * 16 + (digit < 0 ? 0 : digit);
  }
  return value;
}

void ByteFallbackStage::finish() {
  flush();
  next->finish();
}

void ByteFallbackStage::whole(std::string &token) {
  int byte = byteOf(token);
  if (byte >= 0) {
    bytes_.push_back(static_cast<char>(byte));
    return;
  }
  flush();
  send(token);
}

std::optional<std::string> ByteFallbackStage::bytesOf(std::string_view token) {
  int byte = byteOf(token);
  return byte < 0 ? std::nullopt
                  : std::optional(std::string(1, static_cast<char>(byte)));
}

void ByteFallbackStage::flush() {
  if (!bytes_.empty() && isValidUtf8(bytes_))
    send(bytes_);
  else
    for (size_t i = 0; i < bytes_.size(); ++i)
      send(replacementCharacter);
  bytes_.clear();
}

} // namespace llmc::text
