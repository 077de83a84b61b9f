// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/Escape.h"

namespace llmc {

/// Length of the well-formed UTF-8 sequence at the start of `s` (Unicode table
/// 3-7), 0 if there is none.
static size_t sequenceLength(std::string_view s) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  unsigned char lead = byte(0);
  if (lead < 0x80)
    return 1;
  size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || s.size() < length)
    return 0;
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high)
    return 0;
  for (size_t i = 2; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80)
      return 0;
  return length;
}

/// C1 controls, line and paragraph separators, and the marks that reorder text.
static bool isHiddenControl(std::string_view sequence) {
  unsigned char a = sequence[0], b = sequence[1];
  if (a == 0xC2)
    return b < 0xA0;
  if (a != 0xE2)
    return false;
  unsigned char c = sequence[2];
  return (b == 0x80 &&
          ((c >= 0x8E && c <= 0x8F) || (c >= 0xA8 && c <= 0xAE))) ||
         (b == 0x81 && c >= 0xA6 && c <= 0xA9);
}

static void appendHex(std::string &out, std::string_view bytes) {
  static const char digits[] = "0123456789abcdef";
  for (unsigned char c : bytes) {
    out += "\\x";
    out += digits[c >> 4];
    out += digits[c & 15];
  }
}

std::string escapeText(std::string_view bytes, size_t limit) {
  std::string out;
  std::string_view rest = bytes.substr(0, limit);
  while (!rest.empty()) {
    size_t length = sequenceLength(rest);
    if (length == 0) {
      bool cutByLimit = rest.size() < 4 && bytes.size() > limit;
      if (!cutByLimit)
        appendHex(out, rest.substr(0, 1));
      rest.remove_prefix(1);
      continue;
    }
    std::string_view sequence = rest.substr(0, length);
    unsigned char c = sequence[0];
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\r')
      out += "\\r";
    else if (c < 0x20 || c == 0x7F || (length > 1 && isHiddenControl(sequence)))
      appendHex(out, sequence);
    else
      out += sequence;
    rest.remove_prefix(length);
  }
  if (bytes.size() > limit)
    out += "... (" + std::to_string(bytes.size()) + " bytes)";
  return out;
}

} // namespace llmc
