// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/WordPatterns.h"
#include "runtime/text/Unicode.h"
#include "runtime/text/Utf8.h"

namespace llmc::text {

namespace {

#define CONTRACTIONS "'s|'t|'re|'ve|'m|'ll|'d"
#define BLANKS R"(\s*[\r\n]+|\s+(?!\S)|\s+)"
#define UPPER R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])"
#define LOWER R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])"
#define PREFIX R"([^\r\n\p{L}\p{N}]?)"
#define FOLDED "(?i:" CONTRACTIONS ")"
#define OTHERS R"( ?[^\s\p{L}\p{N}]+)"

struct Known {
  std::string_view regex;
  WordPattern pattern;
};

constexpr Known knownPatterns[] = {
    {CONTRACTIONS R"(| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
     WordPattern::Gpt2},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
     WordPattern::Gpt2},
    {FOLDED "|" PREFIX R"(\p{L}+|\p{N}{1,3}|)" OTHERS R"([\r\n]*|)" BLANKS,
     WordPattern::Llama3},
    {R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
     WordPattern::Llama3},
    {FOLDED "|" PREFIX R"(\p{L}+|\p{N}|)" OTHERS R"([\r\n]*|)" BLANKS,
     WordPattern::Qwen2},
    {FOLDED "|" PREFIX
            R"([\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)" BLANKS,
     WordPattern::Qwen35},
    {PREFIX UPPER "*" LOWER "+" FOLDED "?|" PREFIX UPPER "+" LOWER "*" FOLDED
                  R"(?|\p{N}{1,3}|)" OTHERS R"([\r\n/]*|)" BLANKS,
     WordPattern::O200k},
    {PREFIX UPPER "*" LOWER "+|" PREFIX UPPER "+" LOWER "*"
                  R"(|\p{N}|)" OTHERS R"([\r\n/]*|)" BLANKS,
     WordPattern::Tekken},
    {R"(\p{N}{1,3})", WordPattern::NumberTriple},
};

constexpr CharClass classUpperLike = classUpper | classCaseless | classMark;
constexpr CharClass classLowerLike = classLower | classCaseless | classMark;

CharClass classAt(std::string_view text, size_t at) {
  auto byte = static_cast<unsigned char>(text[at]);
  return byte < 128 ? asciiClass[byte] : slowClassOf(decodeAt(text, at).value);
}

size_t sizeAt(std::string_view text, size_t at) {
  return sequenceLength(static_cast<unsigned char>(text[at]));
}

/// Past the characters of `wanted`, at most `limit` of them.
size_t run(std::string_view text, size_t at, CharClass wanted,
           size_t limit = ~size_t(0)) {
  for (; at < text.size() && limit > 0; --limit) {
    auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 128) {
      if (!(asciiClass[byte] & wanted))
        return at;
      ++at;
      continue;
    }
    CodePoint p = decodeAt(text, at);
    if (!(slowClassOf(p.value) & wanted))
      return at;
    at += p.size;
  }
  return at;
}

/// Past the characters that are in no class of `excluded`.
size_t runOutside(std::string_view text, size_t at, CharClass excluded) {
  while (at < text.size() && !(classAt(text, at) & excluded))
    at += sizeAt(text, at);
  return at;
}

size_t runBreaks(std::string_view text, size_t at, bool slash) {
  while (at < text.size() &&
         (text[at] == '\r' || text[at] == '\n' || (slash && text[at] == '/')))
    ++at;
  return at;
}

/// 's 't 're 've 'm 'll 'd at `at`, or `at`. `fold` ignores case, under which
/// U+017F is an s.
size_t contraction(std::string_view text, size_t at, bool fold) {
  if (at + 1 >= text.size() || text[at] != '\'')
    return at;
  auto letter = [&](size_t i) -> char {
    if (i >= text.size())
      return 0;
    char c = text[i];
    return fold && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  };
  char first = letter(at + 1), second = letter(at + 2);
  if (first == 's' || first == 't' || first == 'm' || first == 'd')
    return at + 2;
  if ((first == 'r' && second == 'e') || (first == 'v' && second == 'e') ||
      (first == 'l' && second == 'l'))
    return at + 3;
  if (fold && text.substr(at + 1, 2) == "\xC5\xBF")
    return at + 3;
  return at;
}

/// White space at `at`: with `breaks`, up to the last line break of the run;
/// else all but a last blank that belongs to the word after it.
size_t blanks(std::string_view text, size_t at, bool breaks) {
  size_t end = at, last = at, lastBreak = at;
  while (end < text.size() && (classAt(text, end) & classSpace)) {
    last = end;
    end += sizeAt(text, end);
    if (text[last] == '\n' || text[last] == '\r')
      lastBreak = end;
  }
  if (breaks && lastBreak > at)
    return lastBreak;
  return end == text.size() || last == at ? end : last;
}

size_t matchGpt2(std::string_view text, size_t at) {
  if (size_t end = contraction(text, at, false); end > at)
    return end;
  size_t start = at + (text[at] == ' ');
  if (start < text.size()) {
    CharClass first = classAt(text, start);
    if (first & classLetter)
      return run(text, start, classLetter);
    if (first & classNumber)
      return run(text, start, classNumber);
    if (!(first & classSpace))
      return runOutside(text, start, classSpace | classLetter | classNumber);
  }
  return blanks(text, at, false);
}

/// Upper-like* lower-like+ if there is such a match, else upper-like+
/// lower-like*; `at` if neither.
size_t casedWord(std::string_view text, size_t at, bool needLower) {
  size_t upper = run(text, at, classUpperLike);
  size_t end = run(text, upper, classLowerLike);
  if (!needLower || end > upper)
    return end;
  // The lower part must come out of the upper one: its last character that is
  // both.
  for (size_t i = upper; i > at;) {
    CodePoint p = decodeBefore(text, i);
    if (classOf(p.value) & classLowerLike)
      return i;
    i -= p.size;
  }
  return at;
}

size_t casedMatch(std::string_view text, size_t at) {
  CharClass first = classAt(text, at);
  size_t prefixed = first & (classLetter | classNumber | classBreak)
                        ? at
                        : at + sizeAt(text, at);
  for (bool needLower : {true, false}) {
    if (prefixed > at && prefixed < text.size())
      if (size_t end = casedWord(text, prefixed, needLower); end > prefixed)
        return end;
    if (size_t end = casedWord(text, at, needLower); end > at)
      return end;
  }
  return at;
}

struct Traits {
  bool cased;
  bool contractionsFirst;
  bool contractionsLast;
  size_t digits;
  bool slash;
  CharClass word;
};

constexpr Traits traitsOf(WordPattern pattern) {
  switch (pattern) {
  case WordPattern::Llama3:
    return {false, true, false, 3, false, classLetter};
  case WordPattern::Qwen35:
    return {false, true, false, 1, false, classLetter | classMark};
  case WordPattern::O200k:
    return {true, false, true, 3, true, classLetter};
  case WordPattern::Tekken:
    return {true, false, false, 1, true, classLetter};
  default:
    return {false, true, false, 1, false, classLetter};
  }
}

size_t matchModern(const Traits &traits, std::string_view text, size_t at) {
  if (traits.contractionsFirst)
    if (size_t end = contraction(text, at, true); end > at)
      return end;
  CharClass first = classAt(text, at);
  if (traits.cased) {
    if (size_t end = casedMatch(text, at); end > at)
      return traits.contractionsLast ? contraction(text, end, true) : end;
  } else {
    size_t start = at;
    if (!(first & (classLetter | classNumber | classBreak)))
      start += sizeAt(text, at);
    if (size_t end = run(text, start, traits.word); end > start)
      return end;
    if (size_t end = run(text, at, traits.word); end > at)
      return end;
  }
  if (first & classNumber)
    return run(text, at, classNumber, traits.digits);
  size_t start = at + (text[at] == ' ');
  CharClass excluded =
      static_cast<CharClass>(classSpace | classNumber | traits.word);
  if (size_t end = runOutside(text, start, excluded); end > start)
    return runBreaks(text, end, traits.slash);
  return blanks(text, at, true);
}

} // namespace

WordPattern recogniseWordPattern(std::string_view regex) {
  for (const Known &known : knownPatterns)
    if (known.regex == regex)
      return known.pattern;
  return WordPattern::None;
}

size_t matchWord(WordPattern pattern, std::string_view text, size_t at) {
  switch (pattern) {
  case WordPattern::None:
    return at;
  case WordPattern::Gpt2:
    return matchGpt2(text, at);
  case WordPattern::NumberTriple:
    return run(text, at, classNumber, 3);
  case WordPattern::Llama3:
    return matchModern(traitsOf(WordPattern::Llama3), text, at);
  case WordPattern::Qwen2:
    return matchModern(traitsOf(WordPattern::Qwen2), text, at);
  case WordPattern::Qwen35:
    return matchModern(traitsOf(WordPattern::Qwen35), text, at);
  case WordPattern::O200k:
    return matchModern(traitsOf(WordPattern::O200k), text, at);
  case WordPattern::Tekken:
    return matchModern(traitsOf(WordPattern::Tekken), text, at);
  }
  return at;
}

} // namespace llmc::text
