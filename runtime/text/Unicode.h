// SPDX-License-Identifier: Apache-2.0
// Character classes and case, as the `tokenizers` package sees them: one set
// for regular expressions (current Unicode), and older ones that its BERT and
// accent normalizers keep. Stateless functions.
#ifndef LLMC_RUNTIME_TEXT_UNICODE_H
#define LLMC_RUNTIME_TEXT_UNICODE_H

#include <cstdint>
#include <string_view>

namespace llmc::text {

using CharClass = uint16_t;
constexpr CharClass classUpper = 1;        // Lu Lt
constexpr CharClass classLower = 2;        // Ll
constexpr CharClass classCaseless = 4;     // Lm Lo
constexpr CharClass classMark = 8;         // M
constexpr CharClass classNumber = 16;      // N
constexpr CharClass classPunctuation = 32; // P
constexpr CharClass classSymbol = 64;      // S
constexpr CharClass classSpace = 128;      // White_Space
constexpr CharClass classBreak = 256;      // CR and LF
constexpr CharClass classLetter = classUpper | classLower | classCaseless;

CharClass slowClassOf(char32_t c);
extern const CharClass asciiClass[128];

inline CharClass classOf(char32_t c) {
  return c < 128 ? asciiClass[c] : slowClassOf(c);
}
inline bool isSpace(char32_t c) { return classOf(c) & classSpace; }
/// Numbers of the Digits pre-tokenizer, which knows newer ones than
/// classNumber.
bool isNumeric(char32_t c);

/// The general category in two letters, "Lu"; "Cn" where nothing is assigned.
std::string_view categoryName(char32_t c);

/// \w of regular expressions: letters, marks, decimal digits, connectors.
bool isWord(char32_t c);

/// Punctuation of the Bert and Punctuation pre-tokenizers: ASCII's four ranges
/// and P of Unicode 8.
bool isBertPunctuation(char32_t c);
/// What BERT's clean_text removes, apart from U+0000 and U+FFFD.
bool isBertControl(char32_t c);
/// What BERT's strip_accents removes after decomposition.
bool isNonspacingMark(char32_t c);
/// What StripAccents removes.
bool isCombiningMark(char32_t c);
/// The blocks that BERT surrounds with spaces.
bool isChinese(char32_t c);

/// One or two code points.
struct LowerCase {
  char32_t first;
  char32_t second; // 0: none
};
LowerCase toLower(char32_t c);

} // namespace llmc::text

#endif
