// SPDX-License-Identifier: Apache-2.0
// Upper, lower and title case as Python's str has them: with mappings to
// several characters (Unicode's SpecialCasing.txt) and the final sigma.
#include "runtime/template/Text.h"
#include "runtime/text/Unicode.h"
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <iterator>
#include <utf8proc.h>

namespace llmc::jinja {

using text::appendUtf8;
using text::categoryName;
using text::CodePoint;
using text::decodeAt;
using text::decodeBefore;

namespace {

struct SpecialCase {
  char32_t c;
  const char *upper, *title;
};

// Characters whose upper case is several. Those from U+1F80 to U+1FAF follow a
// rule (upperGreek).
constexpr SpecialCase specialCases[] = {
    {0xDF, "SS", "Ss"},
    {0x149, "\u02BCN", "\u02BCN"},
    {0x1F0, "J\u030C", "J\u030C"},
    {0x390, "\u0399\u0308\u0301", "\u0399\u0308\u0301"},
    {0x3B0, "\u03A5\u0308\u0301", "\u03A5\u0308\u0301"},
    {0x587, "\u0535\u0552", "\u0535\u0582"},
    {0x1E96, "H\u0331", "H\u0331"},
    {0x1E97, "T\u0308", "T\u0308"},
    {0x1E98, "W\u030A", "W\u030A"},
    {0x1E99, "Y\u030A", "Y\u030A"},
    {0x1E9A, "A\u02BE", "A\u02BE"},
    {0x1F50, "\u03A5\u0313", "\u03A5\u0313"},
    {0x1F52, "\u03A5\u0313\u0300", "\u03A5\u0313\u0300"},
    {0x1F54, "\u03A5\u0313\u0301", "\u03A5\u0313\u0301"},
    {0x1F56, "\u03A5\u0313\u0342", "\u03A5\u0313\u0342"},
    {0x1FB2, "\u1FBA\u0399", "\u1FBA\u0345"},
    {0x1FB3, "\u0391\u0399", "\u1FBC"},
    {0x1FB4, "\u0386\u0399", "\u0386\u0345"},
    {0x1FB6, "\u0391\u0342", "\u0391\u0342"},
    {0x1FB7, "\u0391\u0342\u0399", "\u0391\u0342\u0345"},
    {0x1FBC, "\u0391\u0399", "\u1FBC"},
    {0x1FC2, "\u1FCA\u0399", "\u1FCA\u0345"},
    {0x1FC3, "\u0397\u0399", "\u1FCC"},
    {0x1FC4, "\u0389\u0399", "\u0389\u0345"},
    {0x1FC6, "\u0397\u0342", "\u0397\u0342"},
    {0x1FC7, "\u0397\u0342\u0399", "\u0397\u0342\u0345"},
    {0x1FCC, "\u0397\u0399", "\u1FCC"},
    {0x1FD2, "\u0399\u0308\u0300", "\u0399\u0308\u0300"},
    {0x1FD3, "\u0399\u0308\u0301", "\u0399\u0308\u0301"},
    {0x1FD6, "\u0399\u0342", "\u0399\u0342"},
    {0x1FD7, "\u0399\u0308\u0342", "\u0399\u0308\u0342"},
    {0x1FE2, "\u03A5\u0308\u0300", "\u03A5\u0308\u0300"},
    {0x1FE3, "\u03A5\u0308\u0301", "\u03A5\u0308\u0301"},
    {0x1FE4, "\u03A1\u0313", "\u03A1\u0313"},
    {0x1FE6, "\u03A5\u0342", "\u03A5\u0342"},
    {0x1FE7, "\u03A5\u0308\u0342", "\u03A5\u0308\u0342"},
    {0x1FF2, "\u1FFA\u0399", "\u1FFA\u0345"},
    {0x1FF3, "\u03A9\u0399", "\u1FFC"},
    {0x1FF4, "\u038F\u0399", "\u038F\u0345"},
    {0x1FF6, "\u03A9\u0342", "\u03A9\u0342"},
    {0x1FF7, "\u03A9\u0342\u0399", "\u03A9\u0342\u0345"},
    {0x1FFC, "\u03A9\u0399", "\u1FFC"},
    {0xFB00, "FF", "Ff"},
    {0xFB01, "FI", "Fi"},
    {0xFB02, "FL", "Fl"},
    {0xFB03, "FFI", "Ffi"},
    {0xFB04, "FFL", "Ffl"},
    {0xFB05, "ST", "St"},
    {0xFB06, "ST", "St"},
    {0xFB13, "\u0544\u0546", "\u0544\u0576"},
    {0xFB14, "\u0544\u0535", "\u0544\u0565"},
    {0xFB15, "\u0544\u053B", "\u0544\u056B"},
    {0xFB16, "\u054E\u0546", "\u054E\u0576"},
    {0xFB17, "\u0544\u053D", "\u0544\u056D"},
};

struct Range {
  char32_t first, last;
};

// Other_Uppercase and Other_Lowercase of Unicode's PropList.txt.
constexpr Range otherUpper[] = {{0x2160, 0x216F},
                                {0x24B6, 0x24CF},
                                {0x1F130, 0x1F149},
                                {0x1F150, 0x1F169},
                                {0x1F170, 0x1F189}};
constexpr Range otherLower[] = {
    {0xAA, 0xAA},       {0xBA, 0xBA},       {0x2B0, 0x2B8},
    {0x2C0, 0x2C1},     {0x2E0, 0x2E4},     {0x345, 0x345},
    {0x37A, 0x37A},     {0x1D2C, 0x1D6A},   {0x1D78, 0x1D78},
    {0x1D9B, 0x1DBF},   {0x2071, 0x2071},   {0x207F, 0x207F},
    {0x2090, 0x209C},   {0x2170, 0x217F},   {0x24D0, 0x24E9},
    {0x2C7C, 0x2C7D},   {0xA69C, 0xA69D},   {0xA770, 0xA770},
    {0xA7F8, 0xA7F9},   {0xAB5C, 0xAB5F},   {0x10780, 0x10780},
    {0x10783, 0x10785}, {0x10787, 0x107B0}, {0x107B2, 0x107BA}};
// Word_Break MidLetter, MidNumLet and Single_Quote, which are case-ignorable.
constexpr char32_t ignorable[] = {
    '\'',   '.',    ':',    0xB7,   0x387,  0x55F,  0x5F4,  0x2018, 0x2019,
    0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A};

template <size_t N> bool isIn(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](Range r) { return c >= r.first && c <= r.last; });
}

bool isCaseIgnorable(char32_t c) {
  std::string_view category = categoryName(c);
  return category == "Mn" || category == "Me" || category == "Cf" ||
         category == "Lm" || category == "Sk" ||
         std::find(std::begin(ignorable), std::end(ignorable), c) !=
             std::end(ignorable);
}

const SpecialCase *specialCase(char32_t c) {
  const SpecialCase *row = std::lower_bound(
      std::begin(specialCases), std::end(specialCases), c,
      [](const SpecialCase &row, char32_t c) { return row.c < c; });
  return row != std::end(specialCases) && row->c == c ? row : nullptr;
}

bool isGreekWithIota(char32_t c) { return c >= 0x1F80 && c <= 0x1FAF; }

/// The capital letter of three rows of sixteen that have an iota subscript.
char32_t upperGreek(char32_t c) {
  constexpr char32_t capitals[] = {0x1F08, 0x1F28, 0x1F68};
  return capitals[(c - 0x1F80) >> 4] + (c & 7);
}

void appendUpper(std::string &out, char32_t c) {
  if (const SpecialCase *row = specialCase(c)) {
    out += row->upper;
  } else if (isGreekWithIota(c)) {
    appendUtf8(out, upperGreek(c));
    appendUtf8(out, 0x399);
  } else {
    appendUtf8(out, static_cast<char32_t>(
                        utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
  }
}

void appendTitle(std::string &out, char32_t c) {
  if (const SpecialCase *row = specialCase(c))
    out += row->title;
  else
    appendUtf8(out, static_cast<char32_t>(
                        utf8proc_totitle(static_cast<utf8proc_int32_t>(c))));
}

/// Whether a capital sigma from `start` to `end` is the last letter of a word.
bool isFinalSigma(std::string_view text, size_t start, size_t end) {
  while (start > 0) {
    CodePoint c = decodeBefore(text, start);
    if (!isCaseIgnorable(c.value)) {
      if (!isCased(c.value))
        return false;
      break;
    }
    start -= c.size;
  }
  if (start == 0)
    return false;
  while (end < text.size()) {
    CodePoint c = decodeAt(text, end);
    if (!isCaseIgnorable(c.value))
      return !isCased(c.value);
    end += c.size;
  }
  return true;
}

void appendLower(std::string &out, std::string_view text, size_t place,
                 CodePoint c) {
  constexpr char32_t sigma = 0x3A3;
  if (c.value == sigma) {
    bool isFinal = isFinalSigma(text, place, place + c.size);
    appendUtf8(out, isFinal ? 0x3C2 : 0x3C3);
    return;
  }
  text::LowerCase lower = text::toLower(c.value);
  appendUtf8(out, lower.first);
  if (lower.second)
    appendUtf8(out, lower.second);
}

/// Calls f(out, place, code point) for each character.
template <typename F> std::string mapped(std::string_view text, F f) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    CodePoint c = decodeAt(text, i);
    f(out, i, c);
    i += c.size;
  }
  return out;
}

} // namespace

bool isUpper(char32_t c) {
  return categoryName(c) == "Lu" || isIn(otherUpper, c);
}
bool isLower(char32_t c) {
  return categoryName(c) == "Ll" || isIn(otherLower, c);
}
bool isTitle(char32_t c) { return categoryName(c) == "Lt"; }
bool isCased(char32_t c) { return isUpper(c) || isLower(c) || isTitle(c); }

std::string upperCase(std::string_view text) {
  return mapped(text, [](std::string &out, size_t, CodePoint c) {
    appendUpper(out, c.value);
  });
}

std::string lowerCase(std::string_view text) {
  return mapped(text, [&](std::string &out, size_t i, CodePoint c) {
    appendLower(out, text, i, c);
  });
}

std::string titleCase(std::string_view text) {
  bool inWord = false;
  return mapped(text, [&](std::string &out, size_t i, CodePoint c) {
    if (inWord)
      appendLower(out, text, i, c);
    else
      appendTitle(out, c.value);
    inWord = isCased(c.value);
  });
}

std::string capitalized(std::string_view text) {
  return mapped(text, [&](std::string &out, size_t i, CodePoint c) {
    if (i == 0)
      appendTitle(out, c.value);
    else
      appendLower(out, text, i, c);
  });
}

std::string swappedCase(std::string_view text) {
  return mapped(text, [&](std::string &out, size_t i, CodePoint c) {
    if (isUpper(c.value))
      appendLower(out, text, i, c);
    else if (isLower(c.value))
      appendUpper(out, c.value);
    else
      appendUtf8(out, c.value);
  });
}

std::string foldedCase(std::string_view text) {
  return mapped(text, [](std::string &out, size_t, CodePoint c) {
    utf8proc_int32_t folded[8];
    utf8proc_ssize_t count =
        utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c.value), folded,
                                8, UTF8PROC_CASEFOLD, nullptr);
    for (utf8proc_ssize_t i = 0; i < count; ++i)
      appendUtf8(out, static_cast<char32_t>(folded[i]));
  });
}

} // namespace llmc::jinja
