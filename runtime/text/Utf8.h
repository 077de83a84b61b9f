// SPDX-License-Identifier: Apache-2.0
// UTF-8 for the tokenizer: decoding, encoding, repair of invalid bytes, and
// the map from byte offsets to code point offsets. Stateless functions.
#ifndef LLMC_RUNTIME_TEXT_UTF8_H
#define LLMC_RUNTIME_TEXT_UTF8_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::text {

struct CodePoint {
  char32_t value;
  uint32_t size; // bytes
};

/// Length in bytes of the sequence that a lead byte of valid UTF-8 opens.
inline uint32_t sequenceLength(unsigned char lead) {
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

inline bool isContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// The code point at `position` of valid UTF-8.
inline CodePoint decodeAt(std::string_view text, size_t position) {
  auto byte = [&](size_t i) {
    return static_cast<char32_t>(
        static_cast<unsigned char>(text[position + i]));
  };
  char32_t lead = byte(0);
  if (lead < 0x80)
    return {lead, 1};
  if (lead < 0xE0)
    return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (lead < 0xF0)
    return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
              (byte(3) & 0x3F),
          4};
}

/// The last code point that ends before `end` of valid UTF-8.
inline CodePoint decodeBefore(std::string_view text, size_t end) {
  size_t start = end - 1;
  while (start > 0 && isContinuation(text[start]))
    --start;
  return decodeAt(text, start);
}

void appendUtf8(std::string &out, char32_t codePoint);

/// What a lossy reader does at `position`: a valid sequence, or the maximal
/// subpart of an ill-formed one, or one that more bytes could still complete.
struct Utf8Sequence {
  enum Kind { Valid, Invalid, Incomplete } kind;
  uint32_t size;
};
Utf8Sequence sequenceAt(std::string_view bytes, size_t position);

bool isValidUtf8(std::string_view bytes);

/// Appends `bytes`, with each maximal subpart of an ill-formed sequence
/// replaced by U+FFFD.
void appendRepaired(std::string &out, std::string_view bytes);

size_t countCodePoints(std::string_view text);

/// Byte offset to code point offset in O(1), for valid UTF-8.
class CodePointIndex {
public:
  void build(std::string_view text);
  /// How many code points begin before byte `offset`; quickest for offsets
  /// that grow slowly.
  uint32_t before(size_t offset);

private:
  static constexpr size_t block = 64;
  std::string_view text_;
  std::vector<uint32_t> counts_; // of code points before each block
  size_t lastOffset_ = 0;
  uint32_t lastCount_ = 0;
};

} // namespace llmc::text

#endif
