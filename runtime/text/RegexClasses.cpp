// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/RegexClasses.h"
#include "runtime/text/Unicode.h"
#include <cstdio>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace llmc::text {

namespace {

struct Range {
  char32_t first, last;
};

// What Unicode 15 and 16 added lies in here; PCRE2 10.42 has Unicode 14.
constexpr Range additions[] = {
    {0x897, 0x897},     {0xCF3, 0xCF3},     {0xECE, 0xECE},
    {0x1B4E, 0x1B7F},   {0x1C89, 0x1C8A},   {0x2427, 0x2429},
    {0x2FFC, 0x2FFF},   {0x31E4, 0x31EF},   {0xA7CB, 0xA7DC},
    {0x105C0, 0x105F3}, {0x10D40, 0x10D8F}, {0x10EC2, 0x10EFF},
    {0x1123F, 0x11241}, {0x11380, 0x113E2}, {0x116D0, 0x116E3},
    {0x11B00, 0x11BF9}, {0x11F00, 0x11F5A}, {0x1342F, 0x143FA},
    {0x16100, 0x16139}, {0x16D40, 0x16D79}, {0x18CFF, 0x18CFF},
    {0x1B132, 0x1B155}, {0x1CC00, 0x1CEB3}, {0x1D2C0, 0x1D2D3},
    {0x1DF25, 0x1DF2A}, {0x1E030, 0x1E08F}, {0x1E4D0, 0x1E5FF},
    {0x1F6DC, 0x1F6DC}, {0x1F774, 0x1F7D9}, {0x1F8B2, 0x1F8C1},
    {0x1FA75, 0x1FAF8}, {0x1FBCB, 0x1FBEF}, {0x2B739, 0x2B739},
    {0x2EBF0, 0x2EE5D}, {0x31350, 0x323AF},
};

void append(std::string &out, char32_t c) {
  char code[16];
  std::snprintf(code, sizeof code, "\\x{%X}", static_cast<unsigned>(c));
  out += code;
}

template <typename Predicate> std::string members(Predicate isMember) {
  std::string out;
  for (const Range &range : additions)
    for (char32_t c = range.first; c <= range.last; ++c) {
      if (!isMember(c))
        continue;
      char32_t first = c;
      while (c < range.last && isMember(c + 1))
        ++c;
      append(out, first);
      if (c == first)
        continue;
      out += '-';
      append(out, c);
    }
  return out;
}

} // namespace

std::string youngMembers(std::string_view name) {
  if (name.empty() || name.size() > 2)
    return {};
  return members([&](char32_t c) {
    std::string_view category = categoryName(c);
    return category.substr(0, name.size()) == name && category != "Cn";
  });
}

std::string youngWordMembers() { return members(isWord); }

bool isScript(std::string_view name) {
  std::string pattern = "\\p{sc:" + std::string(name) + "}";
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code *code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()),
                    pattern.size(), PCRE2_UTF, &error, &offset, nullptr);
  pcre2_code_free(code);
  return code != nullptr;
}

} // namespace llmc::text
