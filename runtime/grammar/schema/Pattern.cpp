// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/schema/Pattern.h"
#include "runtime/grammar/Characters.h"
#include <fmt/format.h>

namespace llmc::grammar {

namespace {

const CodePoints digits = {{'0', '9'}};
const CodePoints wordCharacters = {
    {'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
const CodePoints blanks = {{'\t', '\r'},     {' ', ' '},       {0xA0, 0xA0},
                           {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029},
                           {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
                           {0xFEFF, 0xFEFF}};
const CodePoints lineEnds = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

class PatternParser {
public:
  PatternParser(Grammar &grammar, std::string_view pattern)
      : grammar_(grammar), in_(pattern) {}

  Result<ExpressionId> run() {
    std::vector<ExpressionId> parts;
    do
      parts.push_back(parseAnchored());
    while (status_.ok() && in_.take("|"));
    if (status_.ok() && !in_.atEnd())
      fail("')' without '('");
    if (!status_.ok())
      return std::move(status_);
    return grammar_.choice(std::move(parts));
  }

private:
  ExpressionId fail(std::string what, Code code = Code::BadInput) {
    if (status_.ok())
      status_ = Status(
          code, fmt::format("character {}: {}", in_.position() + 1, what));
    return 0;
  }
  ExpressionId failUnsupported(std::string what) {
    return fail(std::move(what), Code::Unsupported);
  }

  /// One of the characters as it stands in a JSON string: as itself, or behind
  /// a backslash. Other control characters are left out.
  ExpressionId encoded(const CodePoints &ranges) {
    constexpr std::pair<uint32_t, const char *> escapes[] = {
        {'"', "\\\""}, {'\\', "\\\\"}, {'\b', "\\b"}, {'\f', "\\f"},
        {'\n', "\\n"}, {'\r', "\\r"},  {'\t', "\\t"}};
    CodePoints escaped = {{0, 0x1F}, {'"', '"'}, {'\\', '\\'}, {0x7F, 0x7F}};
    std::vector<ExpressionId> parts = {
        grammar_.characters(difference(ranges, escaped))};
    for (auto [character, text] : escapes)
      for (CodePointRange range : ranges)
        if (range.first <= character && character <= range.last)
          parts.push_back(grammar_.literal(text));
    return grammar_.choice(std::move(parts));
  }

  ExpressionId anything() {
    return grammar_.repeat(encoded(complement({})), 0, Expression::unbounded);
  }

  /// An alternative of the whole pattern, which may begin with ^ and end with
  /// $.
  ExpressionId parseAnchored() {
    std::vector<ExpressionId> parts;
    if (!in_.take("^"))
      parts.push_back(anything());
    parts.push_back(parseSequence(0));
    if (!in_.take("$"))
      parts.push_back(anything());
    return grammar_.sequence(std::move(parts));
  }

  ExpressionId parseChoice(size_t depth) {
    if (depth > limits::depth)
      return fail(fmt::format("groups nest deeper than {}", limits::depth));
    std::vector<ExpressionId> parts;
    do
      parts.push_back(parseSequence(depth));
    while (status_.ok() && in_.take("|"));
    return grammar_.choice(std::move(parts));
  }

  ExpressionId parseSequence(size_t depth) {
    std::vector<ExpressionId> parts;
    while (status_.ok() && !in_.atEnd() && in_.peek() != '|' &&
           in_.peek() != ')') {
      if (in_.peek() == '$') {
        if (depth == 0 && isLast())
          break;
        return failUnsupported("$ is supported at the end only");
      }
      ExpressionId part = parseItem(depth);
      if (grammar_.isTooLarge())
        return fail("the pattern is too large", Code::Resource);
      parts.push_back(parseRepetition(part));
    }
    return parts.empty() ? grammar_.empty()
                         : grammar_.sequence(std::move(parts));
  }

  /// Whether the next character ends an alternative.
  bool isLast() {
    size_t begin = in_.position();
    in_.next();
    bool last = in_.atEnd() || in_.peek() == '|';
    in_.rewind(begin);
    return last;
  }

  ExpressionId parseItem(size_t depth) {
    if (in_.take("("))
      return parseGroup(depth);
    if (in_.take("["))
      return encoded(parseClass());
    if (in_.take("."))
      return encoded(complement(lineEnds));
    if (in_.peek() == '^')
      return failUnsupported("^ is supported at the beginning only");
    if (in_.peek() == '*' || in_.peek() == '+' || in_.peek() == '?' ||
        in_.peek() == '{')
      return fail("nothing stands before the repetition");
    if (in_.take("\\"))
      return encoded(parseEscape(false));
    uint32_t c = in_.next();
    return encoded({{c, c}});
  }

  ExpressionId parseGroup(size_t depth) {
    if (in_.take("?")) {
      if (in_.startsWith("=") || in_.startsWith("!") || in_.startsWith("<=") ||
          in_.startsWith("<!"))
        return failUnsupported("looking around is not supported");
      if (in_.take("<"))
        while (!in_.atEnd() && in_.next() != '>') {
        }
      else if (!in_.take(":"))
        return failUnsupported("this group is not supported");
    }
    ExpressionId inner = parseChoice(depth + 1);
    if (status_.ok() && !in_.take(")"))
      return fail("'(' without ')'");
    return inner;
  }

  /// Behind the backslash.
  CodePoints parseEscape(bool isInClass) {
    if (in_.atEnd()) {
      fail("'\\' at the end");
      return {};
    }
    uint32_t c = in_.next();
    switch (c) {
    case 'd':
      return digits;
    case 'D':
      return complement(digits);
    case 'w':
      return wordCharacters;
    case 'W':
      return complement(wordCharacters);
    case 's':
      return blanks;
    case 'S':
      return complement(blanks);
    default:
      break;
    }
    std::optional<uint32_t> value = parseCharacterEscape(c, isInClass);
    if (!value)
      return {};
    return {{*value, *value}};
  }

  std::optional<uint32_t> parseCharacterEscape(uint32_t c, bool isInClass) {
    std::optional<uint32_t> value;
    switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'f':
      return '\f';
    case 'v':
      return '\v';
    case '0':
      return '\0';
    case 'b':
      if (isInClass)
        return '\b';
      break;
    case 'x':
      value = in_.hexadecimal(2);
      break;
    case 'u':
      value = in_.hexadecimal(4);
      break;
    default:
      // Punctuation stands for itself.
      if (c < 0x80 && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
          !(c >= 'A' && c <= 'Z'))
        return c;
    }
    if (!value)
      failUnsupported("this escape is not supported");
    return value;
  }

  CodePoints parseClass() {
    bool isNegated = in_.take("^");
    CodePoints ranges;
    while (status_.ok() && !in_.take("]")) {
      if (in_.atEnd()) {
        fail("'[' without ']'");
        break;
      }
      CodePoints first = parseClassItem();
      bool isRange = in_.peek() == '-' && !in_.startsWith("-]");
      if (!isRange) {
        ranges.insert(ranges.end(), first.begin(), first.end());
        continue;
      }
      in_.next();
      if (in_.atEnd())
        continue;
      CodePoints last = parseClassItem();
      if (!status_.ok())
        break;
      if (!isOne(first) || !isOne(last) || last[0].first < first[0].first) {
        fail("this range is not one of characters that ends behind its start");
        break;
      }
      ranges.push_back({first[0].first, last[0].first});
    }
    ranges = normalized(std::move(ranges));
    return isNegated ? complement(ranges) : ranges;
  }

  static bool isOne(const CodePoints &ranges) {
    return ranges.size() == 1 && ranges[0].first == ranges[0].last;
  }

  CodePoints parseClassItem() {
    if (in_.take("\\"))
      return parseEscape(true);
    uint32_t c = in_.next();
    return {{c, c}};
  }

  /// Lazy or not is the same for what matches.
  ExpressionId parseRepetition(ExpressionId part) {
    uint32_t least = 0, most = Expression::unbounded;
    if (in_.take("+")) {
      least = 1;
    } else if (in_.take("?")) {
      most = 1;
    } else if (in_.take("{")) {
      auto low = in_.decimal(limits::repetitions);
      auto high = low;
      if (in_.take(","))
        high = in_.decimal(limits::repetitions);
      if (!low || !in_.take("}"))
        return fail("a repetition is {m}, {m,} or {m,n}");
      least = *low;
      most = high.value_or(Expression::unbounded);
      if (least > limits::repetitions || (high && *high > limits::repetitions))
        return failUnsupported(
            fmt::format("more than {} repetitions", limits::repetitions));
      if (most < least)
        return fail("the most repetitions are fewer than the least");
    } else if (!in_.take("*")) {
      return part;
    }
    in_.take("?");
    return grammar_.repeat(part, least, most);
  }

  Grammar &grammar_;
  Characters in_;
  Status status_;
};

} // namespace

Result<ExpressionId> parsePattern(Grammar &grammar, std::string_view pattern) {
  return PatternParser(grammar, pattern).run();
}

} // namespace llmc::grammar
