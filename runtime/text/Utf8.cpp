// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <cstring>

namespace llmc::text {

void appendUtf8(std::string &out, char32_t c) {
  char bytes[4];
  size_t size = 0;
  if (c < 0x80) {
    bytes[size++] = static_cast<char>(c);
  } else if (c < 0x800) {
    bytes[size++] = static_cast<char>(0xC0 | c >> 6);
    bytes[size++] = static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    bytes[size++] = static_cast<char>(0xE0 | c >> 12);
    bytes[size++] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    bytes[size++] = static_cast<char>(0x80 | (c & 0x3F));
  } else {
    bytes[size++] = static_cast<char>(0xF0 | c >> 18);
    bytes[size++] = static_cast<char>(0x80 | (c >> 12 & 0x3F));
    bytes[size++] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    bytes[size++] = static_cast<char>(0x80 | (c & 0x3F));
  }
  out.append(bytes, size);
}

/// The range that the byte after `lead` must lie in, and how many follow.
static uint32_t following(unsigned char lead, unsigned char &low,
                          unsigned char &high) {
  low = 0x80;
  high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF)
    return 1;
  if (lead >= 0xE0 && lead <= 0xEF) {
    low = lead == 0xE0 ? 0xA0 : low;
    high = lead == 0xED ? 0x9F : high; // no surrogates
    return 2;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    low = lead == 0xF0 ? 0x90 : low;
    high = lead == 0xF4 ? 0x8F : high;
    return 3;
  }
  return 0;
}

Utf8Sequence sequenceAt(std::string_view bytes, size_t position) {
  auto lead = static_cast<unsigned char>(bytes[position]);
  if (lead < 0x80)
    return {Utf8Sequence::Valid, 1};
  unsigned char low, high;
  uint32_t more = following(lead, low, high);
  if (more == 0)
    return {Utf8Sequence::Invalid, 1};
  for (uint32_t i = 1; i <= more; ++i) {
    if (position + i >= bytes.size())
      return {Utf8Sequence::Incomplete, i};
    auto byte = static_cast<unsigned char>(bytes[position + i]);
    if (byte < low || byte > high)
      return {Utf8Sequence::Invalid, i};
    low = 0x80;
    high = 0xBF;
  }
  return {Utf8Sequence::Valid, more + 1};
}

/// Past the plain ASCII that begins at `position`.
static size_t skipAscii(std::string_view bytes, size_t position) {
  while (position + 8 <= bytes.size()) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + position, 8);
    if (word & 0x8080808080808080ull)
      break;
    position += 8;
  }
  while (position < bytes.size() &&
         static_cast<unsigned char>(bytes[position]) < 0x80)
    ++position;
  return position;
}

bool isValidUtf8(std::string_view bytes) {
  size_t position = skipAscii(bytes, 0);
  while (position < bytes.size()) {
    Utf8Sequence s = sequenceAt(bytes, position);
    if (s.kind != Utf8Sequence::Valid)
      return false;
    position = skipAscii(bytes, position + s.size);
  }
  return true;
}

void appendRepaired(std::string &out, std::string_view bytes) {
  size_t done = 0;
  size_t position = skipAscii(bytes, 0);
  while (position < bytes.size()) {
    Utf8Sequence s = sequenceAt(bytes, position);
    if (s.kind != Utf8Sequence::Valid) {
      out.append(bytes, done, position - done);
      out.append("\xEF\xBF\xBD");
      done = position + s.size;
    }
    position = skipAscii(bytes, position + s.size);
  }
  out.append(bytes, done, bytes.size() - done);
}

size_t countCodePoints(std::string_view text) {
  size_t count = 0;
  for (char c : text)
    count += !isContinuation(c);
  return count;
}

void CodePointIndex::build(std::string_view text) {
  text_ = text;
  counts_.clear();
  lastOffset_ = lastCount_ = 0;
  if (skipAscii(text, 0) == text.size())
    return;
  counts_.reserve(text.size() / block + 1);
  uint32_t count = 0;
  for (size_t i = 0; i < text.size(); i += block) {
    counts_.push_back(count);
    count += static_cast<uint32_t>(countCodePoints(text.substr(i, block)));
  }
}

uint32_t CodePointIndex::before(size_t offset) {
  if (counts_.empty())
    return static_cast<uint32_t>(offset);
  if (offset < lastOffset_ || offset - lastOffset_ >= block) {
    size_t index = std::min(offset / block, counts_.size() - 1);
    lastOffset_ = index * block;
    lastCount_ = counts_[index];
  }
  for (; lastOffset_ < offset; ++lastOffset_)
    lastCount_ += !isContinuation(text_[lastOffset_]);
  return lastCount_;
}

} // namespace llmc::text
