// SPDX-License-Identifier: Apache-2.0
// Python's text functions over UTF-8: classes of characters, case, searching,
// splitting. Stateless; views point into the arguments. Searching is linear in
// the worst case.
#ifndef LLMC_RUNTIME_TEMPLATE_TEXT_H
#define LLMC_RUNTIME_TEMPLATE_TEXT_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::jinja {

class Heap;

/// str.isspace(), which is also what strip() and split() take for a space.
bool isSpace(char32_t c);
/// What repr() shows as it is.
bool isPrintable(char32_t c);
bool isAlphabetic(char32_t c);
bool isDecimal(char32_t c);
bool isDigit(char32_t c); // a decimal, or a digit in a circle, raised, ...
bool isUpper(char32_t c);
bool isLower(char32_t c);
bool isTitle(char32_t c);
/// Whether the character has a case.
bool isCased(char32_t c);

std::string upperCase(std::string_view text);
std::string lowerCase(std::string_view text);
std::string titleCase(std::string_view text); // str.title()
std::string capitalized(std::string_view text);
std::string swappedCase(std::string_view text);
std::string foldedCase(std::string_view text);

/// Whether a text has letters of one case and none of another (or of title
/// case).
bool isOfCase(std::string_view text, bool (*isWanted)(char32_t),
              bool (*isOther)(char32_t));

/// Byte offset of the first occurrence, npos if there is none.
size_t findText(std::string_view text, std::string_view piece);
size_t findLastText(std::string_view text, std::string_view piece);

enum class Side { Left, Right, Both };
/// Without the spaces, or the characters of `characters`, at its ends.
std::string_view strip(std::string_view text, Side side,
                       std::optional<std::string_view> characters = {});

/// str.split() and rsplit(): at spaces, or at a separator that is not empty; at
/// most `most` times where that is not negative.
std::vector<std::string_view> split(std::string_view text, int64_t most);
std::vector<std::string_view> split(std::string_view text,
                                    std::string_view separator, int64_t most);
std::vector<std::string_view> splitFromRight(std::string_view text,
                                             int64_t most);
std::vector<std::string_view>
splitFromRight(std::string_view text, std::string_view separator, int64_t most);
/// str.splitlines().
std::vector<std::string_view> splitLines(std::string_view text, bool keepEnds);

/// str.replace(): at most `most` times where that is not negative. Counts its
/// steps and fails where the text gets too long.
std::string replaced(Heap &heap, std::string_view text, std::string_view old,
                     std::string_view with, int64_t most);

/// The first bytes that hold that many code points.
std::string_view prefix(std::string_view text, size_t codePoints);

} // namespace llmc::jinja

#endif
