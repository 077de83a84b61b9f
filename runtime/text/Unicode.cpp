// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/Unicode.h"
#include <algorithm>
#include <iterator>
#include <utf8proc.h>

namespace llmc::text {

namespace {

struct Range {
  char32_t first, last;
};

template <typename R, size_t N>
const R *findRange(const R (&table)[N], char32_t c) {
  const R *r =
      std::upper_bound(std::begin(table), std::end(table), c,
                       [](char32_t c, const R &r) { return c < r.first; });
  return r != std::begin(table) && c <= r[-1].last ? r - 1 : nullptr;
}

constexpr auto Lu = UTF8PROC_CATEGORY_LU, Ll = UTF8PROC_CATEGORY_LL,
               Lm = UTF8PROC_CATEGORY_LM, Lo = UTF8PROC_CATEGORY_LO,
               Mn = UTF8PROC_CATEGORY_MN, Nd = UTF8PROC_CATEGORY_ND,
               Po = UTF8PROC_CATEGORY_PO, So = UTF8PROC_CATEGORY_SO;

struct CategoryRange {
  char32_t first, last;
  utf8proc_category_t category;
};

// Characters of Unicode 15.1 and 16, for a utf8proc that is older. Of marks
// and punctuation only the group counts.
constexpr CategoryRange newCharacters[] = {
    {0x897, 0x897, Mn},     {0x1B4E, 0x1B4F, Po},   {0x1B7F, 0x1B7F, Po},
    {0x1C89, 0x1C89, Lu},   {0x1C8A, 0x1C8A, Ll},   {0x2427, 0x2429, So},
    {0x2FFC, 0x2FFF, So},   {0x31E4, 0x31E5, So},   {0x31EF, 0x31EF, So},
    {0xA7CB, 0xA7CC, Lu},   {0xA7CD, 0xA7CD, Ll},   {0xA7DA, 0xA7DA, Lu},
    {0xA7DB, 0xA7DB, Ll},   {0xA7DC, 0xA7DC, Lu},   {0x105C0, 0x105F3, Lo},
    {0x10D40, 0x10D49, Nd}, {0x10D4A, 0x10D4D, Lo}, {0x10D4E, 0x10D4E, Lm},
    {0x10D4F, 0x10D4F, Lo}, {0x10D50, 0x10D65, Lu}, {0x10D69, 0x10D6D, Mn},
    {0x10D6E, 0x10D6E, Po}, {0x10D6F, 0x10D6F, Lm}, {0x10D70, 0x10D85, Ll},
    {0x10D8E, 0x10D8F, So}, {0x10EC2, 0x10EC4, Lo}, {0x10EFC, 0x10EFC, Mn},
    {0x11380, 0x11389, Lo}, {0x1138B, 0x1138B, Lo}, {0x1138E, 0x1138E, Lo},
    {0x11390, 0x113B5, Lo}, {0x113B7, 0x113B7, Lo}, {0x113B8, 0x113C0, Mn},
    {0x113C2, 0x113C2, Mn}, {0x113C5, 0x113C5, Mn}, {0x113C7, 0x113CA, Mn},
    {0x113CC, 0x113D0, Mn}, {0x113D1, 0x113D1, Lo}, {0x113D2, 0x113D2, Mn},
    {0x113D3, 0x113D3, Lo}, {0x113D4, 0x113D5, Po}, {0x113D7, 0x113D8, Po},
    {0x113E1, 0x113E2, Mn}, {0x116D0, 0x116E3, Nd}, {0x11BC0, 0x11BE0, Lo},
    {0x11BE1, 0x11BE1, Po}, {0x11BF0, 0x11BF9, Nd}, {0x11F5A, 0x11F5A, Mn},
    {0x13460, 0x143FA, Lo}, {0x16100, 0x1611D, Lo}, {0x1611E, 0x1612F, Mn},
    {0x16130, 0x16139, Nd}, {0x16D40, 0x16D42, Lm}, {0x16D43, 0x16D6A, Lo},
    {0x16D6B, 0x16D6C, Lm}, {0x16D6D, 0x16D6F, Po}, {0x16D70, 0x16D79, Nd},
    {0x18CFF, 0x18CFF, Lo}, {0x1CC00, 0x1CCEF, So}, {0x1CCF0, 0x1CCF9, Nd},
    {0x1CD00, 0x1CEB3, So}, {0x1E5D0, 0x1E5ED, Lo}, {0x1E5EE, 0x1E5EF, Mn},
    {0x1E5F0, 0x1E5F0, Lo}, {0x1E5F1, 0x1E5FA, Nd}, {0x1E5FF, 0x1E5FF, Po},
    {0x1F8B2, 0x1F8BB, So}, {0x1F8C0, 0x1F8C1, So}, {0x1FA89, 0x1FA89, So},
    {0x1FA8F, 0x1FA8F, So}, {0x1FABE, 0x1FABE, So}, {0x1FAC6, 0x1FAC6, So},
    {0x1FADC, 0x1FADC, So}, {0x1FADF, 0x1FADF, So}, {0x1FAE9, 0x1FAE9, So},
    {0x1FBCB, 0x1FBEF, So}, {0x2EBF0, 0x2EE5D, Lo},
};

// Punctuation that BERT's tokenizer does not know.
constexpr Range youngPunctuation[] = {
    {0x61D, 0x61D},     {0x9FD, 0x9FD},     {0xA76, 0xA76},
    {0xC77, 0xC77},     {0xC84, 0xC84},     {0x1B7D, 0x1B7E},
    {0x2E43, 0x2E4F},   {0x2E52, 0x2E5D},   {0x10EAD, 0x10EAD},
    {0x10F55, 0x10F59}, {0x10F86, 0x10F89}, {0x1144B, 0x1144F},
    {0x1145A, 0x1145B}, {0x1145D, 0x1145D}, {0x11660, 0x1166C},
    {0x116B9, 0x116B9}, {0x1183B, 0x1183B}, {0x11944, 0x11946},
    {0x119E2, 0x119E2}, {0x11A3F, 0x11A46}, {0x11A9A, 0x11A9C},
    {0x11A9E, 0x11AA2}, {0x11B00, 0x11B09}, {0x11C41, 0x11C45},
    {0x11C70, 0x11C71}, {0x11EF7, 0x11EF8}, {0x11F43, 0x11F4F},
    {0x11FFF, 0x11FFF}, {0x12FF1, 0x12FF2}, {0x16E97, 0x16E9A},
    {0x16FE2, 0x16FE2}, {0x1E95E, 0x1E95F},
};
// Nonspacing marks that BERT's accent stripping does not know.
constexpr Range youngNonspacing[] = {
    {0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8E1},
    {0x9FE, 0x9FE},     {0xAFA, 0xAFF},     {0xB55, 0xB55},
    {0xC04, 0xC04},     {0xC3C, 0xC3C},     {0xD00, 0xD00},
    {0xD3B, 0xD3C},     {0xD81, 0xD81},     {0xEBA, 0xEBA},
    {0xECE, 0xECE},     {0x180F, 0x180F},   {0x1885, 0x1886},
    {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFB},   {0xA82C, 0xA82C},
    {0xA8C5, 0xA8C5},   {0xA8FF, 0xA8FF},   {0xA9BD, 0xA9BD},
    {0x10D24, 0x10D27}, {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF},
    {0x10F46, 0x10F50}, {0x10F82, 0x10F85}, {0x11070, 0x11070},
    {0x11073, 0x11074}, {0x110C2, 0x110C2}, {0x111C9, 0x111C9},
    {0x111CF, 0x111CF}, {0x1123E, 0x1123E}, {0x11241, 0x11241},
    {0x1133B, 0x1133B}, {0x11438, 0x1143F}, {0x11442, 0x11444},
    {0x11446, 0x11446}, {0x1145E, 0x1145E}, {0x1182F, 0x11837},
    {0x11839, 0x1183A}, {0x1193B, 0x1193C}, {0x1193E, 0x1193E},
    {0x11943, 0x11943}, {0x119D4, 0x119D7}, {0x119DA, 0x119DB},
    {0x119E0, 0x119E0}, {0x11A01, 0x11A0A}, {0x11A33, 0x11A38},
    {0x11A3B, 0x11A3E}, {0x11A47, 0x11A47}, {0x11A51, 0x11A56},
    {0x11A59, 0x11A5B}, {0x11A8A, 0x11A96}, {0x11A98, 0x11A99},
    {0x11C30, 0x11C36}, {0x11C38, 0x11C3D}, {0x11C3F, 0x11C3F},
    {0x11C92, 0x11CA7}, {0x11CAA, 0x11CB0}, {0x11CB2, 0x11CB3},
    {0x11CB5, 0x11CB6}, {0x11D31, 0x11D36}, {0x11D3A, 0x11D3A},
    {0x11D3C, 0x11D3D}, {0x11D3F, 0x11D45}, {0x11D47, 0x11D47},
    {0x11D90, 0x11D91}, {0x11D95, 0x11D95}, {0x11D97, 0x11D97},
    {0x11EF3, 0x11EF4}, {0x11F00, 0x11F01}, {0x11F36, 0x11F3A},
    {0x11F40, 0x11F40}, {0x11F42, 0x11F42}, {0x13440, 0x13440},
    {0x13447, 0x13455}, {0x16F4F, 0x16F4F}, {0x16FE4, 0x16FE4},
    {0x1CF00, 0x1CF2D}, {0x1CF30, 0x1CF46}, {0x1E000, 0x1E006},
    {0x1E008, 0x1E018}, {0x1E01B, 0x1E021}, {0x1E023, 0x1E024},
    {0x1E026, 0x1E02A}, {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136},
    {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF},
    {0x1E944, 0x1E94A},
};
// Marks that StripAccents does not know.
constexpr Range youngMarks[] = {
    {0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8D3},
    {0x9FE, 0x9FE},     {0xAFA, 0xAFF},     {0xB55, 0xB55},
    {0xC04, 0xC04},     {0xC3C, 0xC3C},     {0xCF3, 0xCF3},
    {0xD00, 0xD00},     {0xD3B, 0xD3C},     {0xD81, 0xD81},
    {0xEBA, 0xEBA},     {0xECE, 0xECE},     {0x1715, 0x1715},
    {0x180F, 0x180F},   {0x1ABF, 0x1ACE},   {0x1CF7, 0x1CF7},
    {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},   {0xA8FF, 0xA8FF},
    {0x10D24, 0x10D27}, {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF},
    {0x10F46, 0x10F50}, {0x10F82, 0x10F85}, {0x11070, 0x11070},
    {0x11073, 0x11074}, {0x110C2, 0x110C2}, {0x11145, 0x11146},
    {0x111C9, 0x111C9}, {0x111CE, 0x111CF}, {0x11241, 0x11241},
    {0x1133B, 0x1133B}, {0x1145E, 0x1145E}, {0x1182C, 0x1183A},
    {0x11930, 0x11935}, {0x11937, 0x11938}, {0x1193B, 0x1193E},
    {0x11940, 0x11940}, {0x11942, 0x11943}, {0x119D1, 0x119D7},
    {0x119DA, 0x119E0}, {0x119E4, 0x119E4}, {0x11A01, 0x11A0A},
    {0x11A33, 0x11A39}, {0x11A3B, 0x11A3E}, {0x11A47, 0x11A47},
    {0x11A51, 0x11A5B}, {0x11A8A, 0x11A99}, {0x11D31, 0x11D36},
    {0x11D3A, 0x11D3A}, {0x11D3C, 0x11D3D}, {0x11D3F, 0x11D45},
    {0x11D47, 0x11D47}, {0x11D8A, 0x11D8E}, {0x11D90, 0x11D91},
    {0x11D93, 0x11D97}, {0x11EF3, 0x11EF6}, {0x11F00, 0x11F01},
    {0x11F03, 0x11F03}, {0x11F34, 0x11F3A}, {0x11F3E, 0x11F42},
    {0x13440, 0x13440}, {0x13447, 0x13455}, {0x16F4F, 0x16F4F},
    {0x16F7F, 0x16F87}, {0x16FE4, 0x16FE4}, {0x16FF0, 0x16FF1},
    {0x1CF00, 0x1CF2D}, {0x1CF30, 0x1CF46}, {0x1E08F, 0x1E08F},
    {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF},
    {0x1E4EC, 0x1E4EF},
};

// Numbers of Unicode 17.
constexpr Range youngestNumbers[] = {{0x11DE0, 0x11DE9}, {0x16FF4, 0x16FF6}};

struct CaseRange {
  char32_t first, last, lower;
};

// Lower case of Unicode 16 and 17, for a utf8proc that is older.
constexpr CaseRange newLowerCase[] = {
    {0x1C89, 0x1C89, 0x1C8A},    {0xA7CB, 0xA7CB, 0x264},
    {0xA7CC, 0xA7CC, 0xA7CD},    {0xA7CE, 0xA7CE, 0xA7CF},
    {0xA7D2, 0xA7D2, 0xA7D3},    {0xA7D4, 0xA7D4, 0xA7D5},
    {0xA7DA, 0xA7DA, 0xA7DB},    {0xA7DC, 0xA7DC, 0x19B},
    {0x10D50, 0x10D65, 0x10D70}, {0x16EA0, 0x16EB8, 0x16EBB},
};

utf8proc_category_t category(char32_t c) {
  utf8proc_category_t known =
      utf8proc_category(static_cast<utf8proc_int32_t>(c));
  if (known != UTF8PROC_CATEGORY_CN)
    return known;
  const CategoryRange *r = findRange(newCharacters, c);
  return r ? r->category : known;
}

bool isMark(utf8proc_category_t category) {
  return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

} // namespace

// clang-format off
const CharClass asciiClass[128] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 384, 128, 128, 384, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    128, 32, 32, 32, 64, 32, 32, 32, 32, 32, 32, 64, 32, 32, 32, 32,
    16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 32, 32, 64, 64, 64, 32,
    32, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 32, 32, 32, 64, 32,
    64, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 32, 64, 32, 64, 0};
// clang-format on

CharClass slowClassOf(char32_t c) {
  if (c == 0x85)
    return classSpace;
  switch (category(c)) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LT:
    return classUpper;
  case UTF8PROC_CATEGORY_LL:
    return classLower;
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO:
    return classCaseless;
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_MC:
  case UTF8PROC_CATEGORY_ME:
    return classMark;
  case UTF8PROC_CATEGORY_ND:
  case UTF8PROC_CATEGORY_NL:
  case UTF8PROC_CATEGORY_NO:
    return classNumber;
  case UTF8PROC_CATEGORY_PC:
  case UTF8PROC_CATEGORY_PD:
  case UTF8PROC_CATEGORY_PS:
  case UTF8PROC_CATEGORY_PE:
  case UTF8PROC_CATEGORY_PI:
  case UTF8PROC_CATEGORY_PF:
  case UTF8PROC_CATEGORY_PO:
    return classPunctuation;
  case UTF8PROC_CATEGORY_SM:
  case UTF8PROC_CATEGORY_SC:
  case UTF8PROC_CATEGORY_SK:
  case UTF8PROC_CATEGORY_SO:
    return classSymbol;
  case UTF8PROC_CATEGORY_ZS:
  case UTF8PROC_CATEGORY_ZL:
  case UTF8PROC_CATEGORY_ZP:
    return classSpace;
  default:
    return 0;
  }
}

std::string_view categoryName(char32_t c) {
  static constexpr std::string_view names[] = {
      "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd",
      "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
      "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"};
  auto index = static_cast<size_t>(category(c));
  return index < std::size(names) ? names[index] : names[0];
}

bool isNumeric(char32_t c) {
  return (classOf(c) & classNumber) || findRange(youngestNumbers, c);
}

bool isWord(char32_t c) {
  if (c < 128)
    return (asciiClass[c] & (classLetter | classNumber)) || c == '_';
  if (c == 0x200C || c == 0x200D)
    return true;
  // Letters by the property Alphabetic although they are symbols.
  if ((c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) ||
      (c >= 0x1F150 && c <= 0x1F169) || (c >= 0x1F170 && c <= 0x1F189))
    return true;
  utf8proc_category_t known = category(c);
  return (known >= UTF8PROC_CATEGORY_LU && known <= UTF8PROC_CATEGORY_LO) ||
         isMark(known) || known == UTF8PROC_CATEGORY_ND ||
         known == UTF8PROC_CATEGORY_NL || known == UTF8PROC_CATEGORY_PC;
}

bool isBertPunctuation(char32_t c) {
  if (c < 128)
    return asciiClass[c] & (classPunctuation | classSymbol);
  utf8proc_category_t known =
      utf8proc_category(static_cast<utf8proc_int32_t>(c));
  if (known >= UTF8PROC_CATEGORY_PC && known <= UTF8PROC_CATEGORY_PO)
    return !findRange(youngPunctuation, c);
  return c == 0x166D || c == 0x111C9;
}

bool isBertControl(char32_t c) {
  if (c < 128)
    return (c < 32 || c == 127) && c != '\t' && c != '\n' && c != '\r';
  utf8proc_category_t known =
      utf8proc_category(static_cast<utf8proc_int32_t>(c));
  if (known == UTF8PROC_CATEGORY_CC || known == UTF8PROC_CATEGORY_CO)
    return true;
  return known == UTF8PROC_CATEGORY_CF && c != 0x890 && c != 0x891 &&
         c != 0x8E2 && c != 0x110CD && !(c >= 0x13430 && c <= 0x1343F);
}

bool isNonspacingMark(char32_t c) {
  if (c < 0x300)
    return false;
  if (utf8proc_category(static_cast<utf8proc_int32_t>(c)) ==
      UTF8PROC_CATEGORY_MN)
    return !findRange(youngNonspacing, c);
  return c == 0x1734;
}

bool isCombiningMark(char32_t c) {
  if (c < 0x300)
    return false;
  if (isMark(utf8proc_category(static_cast<utf8proc_int32_t>(c))))
    return !findRange(youngMarks, c);
  return c == 0x1CF2 || c == 0x1CF3;
}

bool isChinese(char32_t c) {
  return c >= 0x3400 &&
         ((c >= 0x4E00 && c <= 0x9FFF) || c <= 0x4DBF ||
          (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x2A6DF) ||
          (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) ||
          (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0x2F800 && c <= 0x2FA1F));
}

LowerCase toLower(char32_t c) {
  if (c < 128)
    return {c >= 'A' && c <= 'Z' ? c + 32 : c, 0};
  if (c == 0x130)
    return {'i', 0x307};
  if (const CaseRange *r = findRange(newLowerCase, c))
    return {r->lower + (c - r->first), 0};
  return {
      static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))),
      0};
}

} // namespace llmc::text
