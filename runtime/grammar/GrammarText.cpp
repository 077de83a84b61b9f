// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/GrammarText.h"
#include "runtime/grammar/Characters.h"
#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace llmc::grammar {

namespace {

constexpr size_t mostRepetitions = 8; // as in x?*+

bool isNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isNamePart(char c) {
  return isNameStart(c) || (c >= '0' && c <= '9') || c == '-';
}

/// One parse by recursive descent. The first failure ends it: after that all
/// functions return at once.
class Parser {
public:
  explicit Parser(std::string_view text) : text_(text), in_(text) {}

  Result<Grammar> run() {
    skipBlank();
    while (!in_.atEnd() && !failed())
      parseRule();
    if (!failed())
      checkNames();
    if (failed())
      return std::move(status_);
    if (grammar_.isTooLarge())
      return Grammar::tooLarge();
    return std::move(grammar_);
  }

private:
  struct Named {
    uint32_t rule;
    bool isDefined;
    size_t firstUse;
  };

  bool failed() const { return !status_.ok() || grammar_.isTooLarge(); }

  ExpressionId fail(size_t position, std::string what) {
    if (!failed()) {
      auto before = text_.substr(0, position);
      auto line = std::count(before.begin(), before.end(), '\n') + 1;
      size_t start = before.rfind('\n') + 1; // npos + 1 is 0
      auto column = text::countCodePoints(before.substr(start)) + 1;
      status_ = Error{.code = Code::BadInput,
                      .what = std::move(what),
                      .where = fmt::format("line {}, column {}", line, column)};
    }
    return 0;
  }
  ExpressionId failHere(std::string what) {
    return fail(in_.position(), std::move(what));
  }

  /// White space, line ends and comments.
  void skipBlank() {
    for (; !in_.atEnd(); in_.next()) {
      char c = in_.peek();
      if (c == '#')
        while (!in_.atEnd() && in_.peek() != '\n')
          in_.next();
      else if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
        break;
      if (in_.atEnd())
        break;
    }
  }

  std::string_view takeName() {
    size_t begin = in_.position();
    if (isNameStart(in_.peek()))
      while (isNamePart(in_.peek()))
        in_.next();
    return text_.substr(begin, in_.position() - begin);
  }

  Named &named(std::string_view name, size_t position) {
    auto it = names_.find(name);
    if (it == names_.end())
      it = names_
               .emplace(name,
                        Named{grammar_.addRule("rule " + std::string(name)),
                              false, position})
               .first;
    return it->second;
  }

  void parseRule() {
    size_t begin = in_.position();
    std::string_view name = takeName();
    if (name.empty()) {
      failHere("expected the name of a rule");
      return;
    }
    skipBlank();
    if (!in_.take("::=")) {
      failHere(fmt::format("expected '::=' after the rule's name '{}'", name));
      return;
    }
    Named &rule = named(name, begin);
    if (rule.isDefined) {
      fail(begin, fmt::format("rule '{}' is defined twice", name));
      return;
    }
    rule.isDefined = true;
    uint32_t index = rule.rule;
    skipBlank();
    ExpressionId body = parseChoice(0);
    if (!failed())
      grammar_.setBody(index, body);
  }

  ExpressionId parseChoice(size_t depth) {
    if (depth > limits::depth)
      return failHere(
          fmt::format("parentheses nest deeper than {}", limits::depth));
    std::vector<ExpressionId> parts = {parseSequence(depth)};
    while (!failed() && in_.take("|")) {
      skipBlank();
      parts.push_back(parseSequence(depth));
    }
    return grammar_.choice(std::move(parts));
  }

  /// Whether a name that comes now begins the next rule.
  bool isAtRule() {
    size_t begin = in_.position();
    bool isRule = false;
    if (!takeName().empty()) {
      skipBlank();
      isRule = in_.startsWith("::=");
    }
    in_.rewind(begin);
    return isRule;
  }

  ExpressionId parseSequence(size_t depth) {
    std::vector<ExpressionId> parts;
    while (!failed() && !in_.atEnd() && in_.peek() != '|' &&
           in_.peek() != ')' && !isAtRule()) {
      ExpressionId part = parseItem(depth);
      skipBlank();
      parts.push_back(parseRepetitions(part));
    }
    if (in_.peek() == ')' && depth == 0)
      return failHere("')' without '('");
    return parts.empty() ? grammar_.empty()
                         : grammar_.sequence(std::move(parts));
  }

  ExpressionId parseItem(size_t depth) {
    size_t begin = in_.position();
    if (in_.take("\""))
      return parseLiteral(begin);
    if (in_.take("["))
      return parseClass(begin);
    if (in_.take("."))
      return grammar_.characters(complement({}));
    if (in_.take("(")) {
      skipBlank();
      ExpressionId inner = parseChoice(depth + 1);
      if (!failed() && !in_.take(")"))
        return fail(begin, "this '(' has no ')'");
      return inner;
    }
    std::string_view name = takeName();
    if (name.empty())
      return failHere("expected a literal, a class, a name or a group");
    return grammar_.use(named(name, begin).rule);
  }

  /// What stands between quotes or in a class, where `\` escapes.
  uint32_t parseCharacter() {
    size_t begin = in_.position();
    uint32_t c = in_.next();
    if (c != '\\')
      return c;
    if (in_.atEnd())
      return fail(begin, "'\\' at the end");
    c = in_.next();
    std::optional<uint32_t> value;
    switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '\\':
    case '"':
    case '[':
    case ']':
    case '-':
    case '^':
      return c;
    case 'x':
      value = in_.hexadecimal(2);
      break;
    case 'u':
      value = in_.hexadecimal(4);
      break;
    case 'U':
      value = in_.hexadecimal(8);
      break;
    default:
      break;
    }
    if (!value)
      return fail(begin, "unknown escape; there are \\n \\r \\t \\\\ \\\" \\[ "
                         "\\] \\- \\^ \\xNN \\uNNNN \\UNNNNNNNN");
    return *value;
  }

  ExpressionId parseLiteral(size_t begin) {
    std::string literal;
    while (!failed() && !in_.take("\"")) {
      if (in_.atEnd() || in_.peek() == '\n')
        return fail(begin, "this literal has no end");
      text::appendUtf8(literal, parseCharacter());
    }
    return grammar_.literal(literal);
  }

  ExpressionId parseClass(size_t begin) {
    bool isNegated = in_.take("^");
    CodePoints ranges;
    while (!failed() && !in_.take("]")) {
      if (in_.atEnd())
        return fail(begin, "this class has no ']'");
      size_t at = in_.position();
      uint32_t first = parseCharacter(), last = first;
      if (in_.peek() == '-' && !in_.startsWith("-]")) {
        in_.next();
        if (in_.atEnd())
          return fail(begin, "this class has no ']'");
        last = parseCharacter();
      }
      if (last < first)
        return fail(at, "this range ends before it begins");
      ranges.push_back({first, last});
    }
    ranges = normalized(std::move(ranges));
    return grammar_.characters(isNegated ? complement(ranges)
                                         : std::move(ranges));
  }

  ExpressionId parseRepetitions(ExpressionId part) {
    for (size_t count = 0; !failed(); ++count) {
      if (count >= mostRepetitions)
        return failHere(fmt::format("more than {} repetitions of one another",
                                    mostRepetitions));
      if (in_.take("*"))
        part = grammar_.repeat(part, 0, Expression::unbounded);
      else if (in_.take("+"))
        part = grammar_.repeat(part, 1, Expression::unbounded);
      else if (in_.take("?"))
        part = grammar_.optional(part);
      else if (in_.take("{"))
        part = parseBounds(part);
      else
        break;
      skipBlank();
    }
    return part;
  }

  /// {m}, {m,}, {m,n} or {,n}
  ExpressionId parseBounds(ExpressionId part) {
    size_t begin = in_.position() - 1;
    skipBlank();
    auto least = in_.decimal(limits::repetitions);
    skipBlank();
    std::optional<uint32_t> most = least;
    if (in_.take(",")) {
      skipBlank();
      most = in_.decimal(limits::repetitions);
      skipBlank();
      if (!least && !most)
        return fail(begin, "expected {m}, {m,}, {m,n} or {,n}");
    }
    if ((!least && !most) || !in_.take("}"))
      return fail(begin, "expected {m}, {m,}, {m,n} or {,n}");
    if (least.value_or(0) > limits::repetitions ||
        most.value_or(0) > limits::repetitions)
      return fail(begin, fmt::format("at most {} repetitions can be asked for",
                                     limits::repetitions));
    if (most && *most < least.value_or(0))
      return fail(begin, "the most repetitions are fewer than the least");
    return grammar_.repeat(part, least.value_or(0),
                           most.value_or(Expression::unbounded));
  }

  void checkNames() {
    for (const auto &[name, rule] : names_)
      if (!rule.isDefined) {
        fail(rule.firstUse, fmt::format("rule '{}' is not defined", name));
        return;
      }
    auto root = names_.find("root");
    if (root == names_.end()) {
      status_ = Error{.code = Code::BadInput,
                      .what = "there is no rule 'root'",
                      .hint = "root ::= ... says what a whole text is"};
      return;
    }
    grammar_.setRoot(root->second.rule);
  }

  std::string_view text_;
  Characters in_;
  Grammar grammar_;
  std::map<std::string, Named, std::less<>> names_;
  Status status_;
};

} // namespace

Result<Grammar> parseGrammar(std::string_view text) {
  if (text.size() > limits::textBytes)
    return Status(Code::BadInput,
                  fmt::format("the grammar has {} bytes, at most {} are taken",
                              text.size(), limits::textBytes));
  if (!text::isValidUtf8(text))
    return Status(Code::BadInput, "the grammar is not UTF-8");
  return Parser(text).run();
}

} // namespace llmc::grammar
