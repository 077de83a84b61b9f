// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Text.h"
#include "runtime/template/Heap.h"
#include "runtime/text/Unicode.h"
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <cstring>
#include <unordered_set>

namespace llmc::jinja {

using text::categoryName;
using text::CodePoint;
using text::decodeAt;
using text::decodeBefore;

bool isSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) || c == ' ' ||
         c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

bool isPrintable(char32_t c) {
  if (c < 0x7F)
    return c >= 0x20;
  char group = categoryName(c)[0];
  return group != 'C' && group != 'Z';
}

bool isAlphabetic(char32_t c) { return categoryName(c)[0] == 'L'; }
bool isDecimal(char32_t c) { return categoryName(c) == "Nd"; }

bool isDigit(char32_t c) {
  // Numeric_Type=Digit of Unicode's DerivedNumericType.txt.
  constexpr std::pair<char32_t, char32_t> digits[] = {
      {0xB2, 0xB3},       {0xB9, 0xB9},       {0x1369, 0x1371},
      {0x19DA, 0x19DA},   {0x2070, 0x2070},   {0x2074, 0x2079},
      {0x2080, 0x2089},   {0x2460, 0x2468},   {0x2474, 0x247C},
      {0x2488, 0x2490},   {0x24EA, 0x24EA},   {0x24F5, 0x24FD},
      {0x24FF, 0x24FF},   {0x2776, 0x277E},   {0x2780, 0x2788},
      {0x278A, 0x2792},   {0x10A40, 0x10A43}, {0x10E60, 0x10E68},
      {0x11052, 0x1105A}, {0x1F100, 0x1F10A}};
  return isDecimal(c) ||
         std::any_of(std::begin(digits), std::end(digits), [&](auto range) {
           return c >= range.first && c <= range.second;
         });
}

bool isOfCase(std::string_view text, bool (*isWanted)(char32_t),
              bool (*isOther)(char32_t)) {
  bool isFound = false;
  for (size_t i = 0; i < text.size();) {
    CodePoint c = decodeAt(text, i);
    if (isOther(c.value) || isTitle(c.value))
      return false;
    isFound = isFound || isWanted(c.value);
    i += c.size;
  }
  return isFound;
}

size_t findText(std::string_view text, std::string_view piece) {
  if (piece.empty())
    return 0;
  // glibc's memmem is linear, which string_view::find is not.
  const void *found =
      memmem(text.data(), text.size(), piece.data(), piece.size());
  return found ? static_cast<size_t>(static_cast<const char *>(found) -
                                     text.data())
               : text.npos;
}

size_t findLastText(std::string_view text, std::string_view piece) {
  std::string backwards(text.rbegin(), text.rend());
  std::string pieceBackwards(piece.rbegin(), piece.rend());
  size_t found = findText(backwards, pieceBackwards);
  return found == text.npos ? found : text.size() - found - piece.size();
}

namespace {

/// What strip() removes.
class Strippable {
public:
  explicit Strippable(std::optional<std::string_view> characters)
      : spaces_(!characters) {
    for (size_t i = 0; characters && i < characters->size();) {
      CodePoint c = decodeAt(*characters, i);
      set_.insert(c.value);
      i += c.size;
    }
  }
  bool has(char32_t c) const { return spaces_ ? isSpace(c) : set_.count(c); }

private:
  bool spaces_;
  std::unordered_set<char32_t> set_;
};

bool isLineEnd(char32_t c) {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 ||
         c == 0x2028 || c == 0x2029;
}

} // namespace

std::string_view strip(std::string_view text, Side side,
                       std::optional<std::string_view> characters) {
  Strippable strippable(characters);
  while (side != Side::Right && !text.empty()) {
    CodePoint c = decodeAt(text, 0);
    if (!strippable.has(c.value))
      break;
    text.remove_prefix(c.size);
  }
  while (side != Side::Left && !text.empty()) {
    CodePoint c = decodeBefore(text, text.size());
    if (!strippable.has(c.value))
      break;
    text.remove_suffix(c.size);
  }
  return text;
}

/// The bytes until the first space.
static size_t wordLength(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    CodePoint c = decodeAt(text, i);
    if (isSpace(c.value))
      break;
    i += c.size;
  }
  return i;
}

/// The start of the last word of a text that ends with one.
static size_t lastWordStart(std::string_view text) {
  size_t start = text.size();
  while (start > 0) {
    CodePoint c = decodeBefore(text, start);
    if (isSpace(c.value))
      break;
    start -= c.size;
  }
  return start;
}

std::vector<std::string_view> split(std::string_view text, int64_t most) {
  std::vector<std::string_view> out;
  for (text = strip(text, Side::Left); !text.empty();
       text = strip(text, Side::Left)) {
    bool isRest = most >= 0 && out.size() == static_cast<size_t>(most);
    size_t length = isRest ? text.size() : wordLength(text);
    out.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return out;
}

std::vector<std::string_view> splitFromRight(std::string_view text,
                                             int64_t most) {
  std::vector<std::string_view> out;
  for (text = strip(text, Side::Right); !text.empty();
       text = strip(text, Side::Right)) {
    bool isRest = most >= 0 && out.size() == static_cast<size_t>(most);
    size_t start = isRest ? 0 : lastWordStart(text);
    out.push_back(text.substr(start));
    text.remove_suffix(text.size() - start);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::vector<std::string_view> split(std::string_view text,
                                    std::string_view separator, int64_t most) {
  std::vector<std::string_view> out;
  while (most < 0 || out.size() < static_cast<size_t>(most)) {
    size_t end = findText(text, separator);
    if (end == text.npos)
      break;
    out.push_back(text.substr(0, end));
    text.remove_prefix(end + separator.size());
  }
  out.push_back(text);
  return out;
}

std::vector<std::string_view> splitFromRight(std::string_view text,
                                             std::string_view separator,
                                             int64_t most) {
  // As split() of everything backwards, which is linear.
  std::string backwards(text.rbegin(), text.rend());
  std::string separatorBackwards(separator.rbegin(), separator.rend());
  std::vector<std::string_view> out;
  for (std::string_view piece : split(backwards, separatorBackwards, most)) {
    auto end =
        text.size() - static_cast<size_t>(piece.data() - backwards.data());
    out.push_back(text.substr(end - piece.size(), piece.size()));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::vector<std::string_view> splitLines(std::string_view text, bool keepEnds) {
  std::vector<std::string_view> out;
  size_t start = 0;
  for (size_t i = 0; i < text.size();) {
    CodePoint c = decodeAt(text, i);
    size_t end = i;
    i += c.size;
    if (!isLineEnd(c.value))
      continue;
    if (c.value == '\r' && i < text.size() && text[i] == '\n')
      ++i;
    out.push_back(text.substr(start, (keepEnds ? i : end) - start));
    start = i;
  }
  if (start < text.size())
    out.push_back(text.substr(start));
  return out;
}

std::string replaced(Heap &heap, std::string_view text, std::string_view old,
                     std::string_view with, int64_t most) {
  TextBuilder out(heap);
  uint64_t left = most < 0 ? UINT64_MAX : static_cast<uint64_t>(most);
  if (old.empty()) {
    // Between all characters, and at both ends.
    for (; left > 0; --left) {
      out.append(with);
      if (text.empty())
        break;
      size_t size = text::sequenceLength(static_cast<unsigned char>(text[0]));
      out.append(text.substr(0, size));
      text.remove_prefix(size);
    }
    return out.append(text).take();
  }
  for (size_t at; left > 0 && (at = findText(text, old)) != text.npos; --left) {
    out.append(text.substr(0, at)).append(with);
    text.remove_prefix(at + old.size());
  }
  return out.append(text).take();
}

std::string_view prefix(std::string_view text, size_t codePoints) {
  size_t end = 0;
  for (; codePoints > 0 && end < text.size(); --codePoints)
    end += text::sequenceLength(static_cast<unsigned char>(text[end]));
  return text.substr(0, end);
}

} // namespace llmc::jinja
