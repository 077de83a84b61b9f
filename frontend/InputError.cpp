// SPDX-License-Identifier: Apache-2.0
#include "frontend/InputError.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

namespace llmc {

InputError::InputError(std::string where, std::string what, std::string hint,
                       ExitCode code)
    : std::runtime_error(line(where, what)), exitCode(code),
      place(std::move(where)), text(std::move(what)), advice(std::move(hint)) {}

InputError &InputError::inFile(std::string_view path) {
  otherFile = escaped(path, 4096);
  return *this;
}

InputError &InputError::withNodes(std::vector<NodeNote> nodes) {
  notes = std::move(nodes);
  return *this;
}

std::string InputError::line(std::string_view where, std::string_view what) {
  return where.empty() ? std::string(what) : fmt::format("{}: {}", where, what);
}

void Remarks::note(std::string_view where, std::string_view what) {
  add(false, where, what);
}
void Remarks::warning(std::string_view where, std::string_view what) {
  add(true, where, what);
}

void Remarks::add(bool isWarning, std::string_view where,
                  std::string_view what) {
  // A hostile model can earn a remark per node; what is beyond this helps
  // nobody.
  constexpr size_t limit = 100;
  if (remarks.size() < limit)
    remarks.push_back({isWarning, InputError::line(where, what)});
}

namespace {

/// Length of the well-formed UTF-8 sequence at the beginning of text, its code
/// point in codePoint; 0 if there is none.
size_t decodeUtf8(std::string_view text, uint32_t &codePoint) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(0);
  if (lead < 0x80) {
    codePoint = lead;
    return 1;
  }
  size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
    return 0;
  codePoint = lead & (0xff >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80)
      return 0;
    codePoint = codePoint << 6 | (byte(i) & 0x3f);
  }
  static constexpr uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (codePoint < least[length] || codePoint > 0x10ffff ||
      (codePoint >= 0xd800 && codePoint < 0xe000))
    return 0;
  return length;
}

/// Characters that move the cursor, end the line, vanish or turn the direction
/// of writing.
bool isHidden(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         (c >= 0xfff0 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

void appendEscaped(std::string &out, std::string_view bytes) {
  while (!bytes.empty()) {
    uint32_t c = 0;
    size_t length = decodeUtf8(bytes, c);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[0]));
      length = 1;
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (isHidden(c)) {
      out += c < 0x80 ? fmt::format("\\x{:02x}", c)
                      : fmt::format("\\u{{{:x}}}", c);
    } else if (c == '\\' || c == '\'') {
      out += '\\';
      out += static_cast<char>(c);
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(length);
  }
}

} // namespace

std::string escaped(std::string_view bytes, size_t maxBytes) {
  std::string out;
  if (bytes.size() <= maxBytes) {
    appendEscaped(out, bytes);
    return out;
  }
  size_t tail = std::min<size_t>(maxBytes / 4, 32);
  size_t head = maxBytes - tail;
  // Cuts fall between characters: bytes that continue one aren't torn from it.
  auto continues = [&](size_t i) {
    return (static_cast<unsigned char>(bytes[i]) & 0xc0) == 0x80;
  };
  for (int step = 0; step < 3 && head > 0 && continues(head); ++step)
    --head;
  size_t tailStart = bytes.size() - tail;
  for (int step = 0;
       step < 3 && tailStart < bytes.size() && continues(tailStart); ++step)
    ++tailStart;
  appendEscaped(out, bytes.substr(0, head));
  out += fmt::format("...({} bytes)...", bytes.size());
  appendEscaped(out, bytes.substr(tailStart));
  return out;
}

std::string inQuotes(std::string_view bytes, size_t maxBytes) {
  return "'" + escaped(bytes, maxBytes) + "'";
}

} // namespace llmc
