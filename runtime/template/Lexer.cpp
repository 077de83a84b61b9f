// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Lexer.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Print.h"
#include "runtime/template/StringLiteral.h"
#include "runtime/template/Text.h"
#include "runtime/text/Unicode.h"
#include "runtime/text/Utf8.h"
#include <algorithm>
#include <charconv>
#include <cmath>

namespace llmc::jinja {

namespace {

bool isAsciiDigit(char c) { return c >= '0' && c <= '9'; }

/// The end of digits from `begin`, with single underscores between them;
/// `begin` if there are none.
template <typename F>
size_t digitsEnd(std::string_view text, size_t begin, F isAsciiDigit) {
  size_t end = begin;
  while (end < text.size()) {
    size_t digit = end > begin && text[end] == '_' ? end + 1 : end;
    if (digit >= text.size() || !isAsciiDigit(text[digit]))
      break;
    end = digit + 1;
  }
  return end;
}

std::string withoutUnderscores(std::string_view text) {
  std::string out(text);
  std::erase(out, '_');
  return out;
}

bool isNamePart(char32_t c) {
  if (c < 128)
    return isAsciiDigit(static_cast<char>(c)) || c == '_' ||
           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  std::string_view category = text::categoryName(c);
  return category[0] == 'L' || category[0] == 'N' || category[0] == 'M' ||
         category == "Pc";
}

/// Python's str.isidentifier() of a text of name parts.
bool isIdentifier(std::string_view name) {
  for (size_t i = 0; i < name.size();) {
    text::CodePoint c = text::decodeAt(name, i);
    std::string_view category = text::categoryName(c.value);
    bool isStart = category[0] == 'L' || category == "Nl" || c.value == '_';
    bool isRest = category == "Mn" || category == "Mc" || category == "Nd" ||
                  category == "Pc";
    if (!isStart && !(isRest && i > 0))
      return false;
    i += c.size;
  }
  return true;
}

constexpr std::string_view operators[] = {
    "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
    "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};

} // namespace

Lexer::Lexer(std::string_view source) {
  source_.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      source_ += '\n';
      i += i + 1 < source.size() && source[i + 1] == '\n';
    } else {
      source_ += source[i];
    }
  }
  if (source_.ends_with('\n'))
    source_.pop_back();
}

Token Lexer::next() {
  try {
    while (tokens_.empty() && position_ < source_.size()) {
      if (state_ == State::Root)
        lexRoot();
      else
        lexTag();
    }
  } catch (Failure &failure) {
    failure.line = line_;
    throw;
  }
  if (tokens_.empty())
    return Token{.kind = Token::Kind::End, .line = line_};
  Token token = std::move(tokens_.front());
  tokens_.pop_front();
  return token;
}

void Lexer::advance(size_t to) {
  line_ += static_cast<int>(
      std::count(source_.begin() + static_cast<ptrdiff_t>(position_),
                 source_.begin() + static_cast<ptrdiff_t>(to), '\n'));
  if (to > position_)
    startsLine_ = source_[to - 1] == '\n';
  position_ = to;
}

size_t Lexer::afterSpaces(size_t from) const {
  while (from < source_.size()) {
    text::CodePoint c = text::decodeAt(source_, from);
    if (!isSpace(c.value))
      break;
    from += c.size;
  }
  return from;
}

void Lexer::push(Token::Kind kind, std::string text) {
  tokens_.push_back(
      Token{.kind = kind, .line = line_, .text = std::move(text)});
}

/// The text up to a tag, without the spaces that the tag takes away.
void Lexer::pushData(size_t end, char sign, bool isVariable) {
  std::string_view text =
      std::string_view(source_).substr(position_, end - position_);
  if (sign == '-') {
    text = strip(text, Side::Right);
  } else if (sign != '+' && !isVariable) {
    size_t lineStart = text.rfind('\n') + 1; // 0 where there is none
    if ((lineStart > 0 || startsLine_) &&
        strip(text.substr(lineStart), Side::Left).empty())
      text = text.substr(0, lineStart);
  }
  if (!text.empty())
    push(Token::Kind::Data, std::string(text));
}

void Lexer::lexRoot() {
  size_t tag = position_;
  for (;; ++tag) {
    tag = source_.find('{', tag);
    if (tag == source_.npos || tag + 1 >= source_.size()) {
      push(Token::Kind::Data, source_.substr(position_));
      advance(source_.size());
      return;
    }
    char second = source_[tag + 1];
    if (second == '{' || second == '%' || second == '#')
      break;
  }
  lexData(tag);
}

void Lexer::lexData(size_t tag) {
  char kind = source_[tag + 1];
  size_t end = tag + 2;
  char sign = end < source_.size() ? source_[end] : 0;
  if (sign != '-' && sign != '+')
    sign = 0;
  pushData(tag, sign, kind == '{');
  advance(tag);
  if (kind == '%' && lexRaw())
    return;
  advance(end + (sign != 0));
  if (kind == '#') {
    lexComment();
    return;
  }
  state_ = kind == '%' ? State::Block : State::Variable;
  push(kind == '%' ? Token::Kind::BlockBegin : Token::Kind::VariableBegin);
}

/// At what follows "{#" and its sign. Jinja2 misses an end only where something
/// is before it.
void Lexer::lexComment() {
  size_t close = source_.find("#}", position_);
  if (close == source_.npos && position_ == source_.size())
    return;
  if (close == source_.npos)
    fail("Missing end of comment tag");
  char sign = close > position_ ? source_[close - 1] : 0;
  size_t end = close + 2;
  if (sign == '-')
    end = afterSpaces(end);
  else if (sign != '+' && end < source_.size() && source_[end] == '\n')
    ++end;
  advance(end);
}

/// A whole {% raw %} block, if one starts here.
bool Lexer::lexRaw() {
  auto skipWord = [&](size_t from, std::string_view word) {
    from = afterSpaces(from);
    if (!std::string_view(source_).substr(from).starts_with(word))
      return source_.npos;
    return afterSpaces(from + word.size());
  };
  auto startsWith = [&](size_t from, std::string_view text) {
    return std::string_view(source_).substr(from).starts_with(text);
  };
  auto afterSign = [&](size_t from) {
    return from + (startsWith(from, "-") || startsWith(from, "+"));
  };
  size_t end = skipWord(afterSign(position_ + 2), "raw");
  if (end == source_.npos || !(startsWith(end, "%}") || startsWith(end, "-%}")))
    return false;
  end = startsWith(end, "-") ? afterSpaces(end + 3) : end + 2;
  advance(end);
  for (size_t tag = source_.find("{%", end); tag != source_.npos;
       tag = source_.find("{%", tag + 1)) {
    size_t inner = afterSign(tag + 2);
    char sign = inner > tag + 2 ? source_[tag + 2] : 0;
    size_t close = skipWord(inner, "endraw");
    if (close == source_.npos)
      continue;
    if (startsWith(close, "-%}"))
      close = afterSpaces(close + 3);
    else if (startsWith(close, "+%}"))
      close += 3;
    else if (startsWith(close, "%}"))
      close += 2 + startsWith(close + 2, "\n");
    else
      continue;
    pushData(tag, sign, /*isVariable=*/false);
    advance(close);
    return true;
  }
  if (end == source_.size())
    return true;
  fail("Missing end of raw directive");
}

/// The end of a tag, if it is here: not inside brackets.
bool Lexer::lexEnd() {
  if (!brackets_.empty())
    return false;
  bool isBlock = state_ == State::Block;
  std::string_view close = isBlock ? "%}" : "}}";
  bool hasSign = looksAt("-") || (isBlock && looksAt("+"));
  if (!rest().substr(hasSign).starts_with(close))
    return false;
  size_t end = position_ + hasSign + 2;
  if (looksAt("-"))
    end = afterSpaces(end);
  else if (!hasSign && isBlock && end < source_.size() && source_[end] == '\n')
    ++end;
  push(isBlock ? Token::Kind::BlockEnd : Token::Kind::VariableEnd);
  advance(end);
  state_ = State::Root;
  return true;
}

void Lexer::lexTag() {
  if (lexEnd())
    return;
  size_t end = afterSpaces(position_);
  if (end > position_) {
    advance(end);
    return;
  }
  if (lexNumber() || lexName() || lexString())
    return;
  lexOperator();
}

bool Lexer::lexNumber() {
  if (!isAsciiDigit(source_[position_]))
    return false;
  if (!lexFloat())
    lexInteger();
  return true;
}

bool Lexer::lexFloat() {
  if (position_ > 0 && source_[position_ - 1] == '.')
    return false;
  std::string_view text = rest();
  size_t whole = digitsEnd(text, 0, isAsciiDigit), end = whole;
  if (whole < text.size() && text[whole] == '.') {
    size_t fraction = digitsEnd(text, whole + 1, isAsciiDigit);
    if (fraction > whole + 1)
      end = fraction;
  }
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    size_t digits = end + 1;
    digits +=
        digits < text.size() && (text[digits] == '+' || text[digits] == '-');
    size_t exponent = digitsEnd(text, digits, isAsciiDigit);
    if (exponent > digits)
      end = exponent;
  }
  if (end == whole)
    return false;
  push(Token::Kind::Float);
  tokens_.back().real = parseFloat(withoutUnderscores(text.substr(0, end)));
  advance(position_ + end);
  return true;
}

void Lexer::lexInteger() {
  std::string_view text = rest();
  char second = text.size() > 1 ? text[1] : 0;
  int base = 10;
  size_t end = 0;
  if (text[0] != '0') {
    end = digitsEnd(text, 0, isAsciiDigit);
  } else {
    base = second == 'b' || second == 'B'   ? 2
           : second == 'o' || second == 'O' ? 8
           : second == 'x' || second == 'X' ? 16
                                            : 10;
    auto isBaseDigit = [&](char c) {
      int digit = isAsciiDigit(c) ? c - '0' : (c | 32) - 'a' + 10;
      return (isAsciiDigit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f')) &&
             digit < base;
    };
    size_t begin = base == 10 ? 0 : 2;
    // An underscore may follow the base's letter.
    begin += base != 10 && text.size() > 2 && text[2] == '_';
    end = base == 10 ? digitsEnd(text, 0, [](char c) { return c == '0'; })
                     : digitsEnd(text, begin, isBaseDigit);
    if (base != 10 && end == begin) {
      base = 10; // a 0 in front of a name
      end = 1;
    }
  }
  std::string digits = withoutUnderscores(text.substr(0, end));
  std::string_view number = std::string_view(digits).substr(base == 10 ? 0 : 2);
  int64_t value = 0;
  auto [last, error] = std::from_chars(
      number.data(), number.data() + number.size(), value, base);
  if (error != std::errc())
    unsupported("an integer beyond 64 bits");
  push(Token::Kind::Integer);
  tokens_.back().integer = value;
  advance(position_ + end);
}

bool Lexer::lexName() {
  size_t end = position_;
  while (end < source_.size()) {
    text::CodePoint c = text::decodeAt(source_, end);
    if (!isNamePart(c.value))
      break;
    end += c.size;
  }
  if (end == position_)
    return false;
  std::string name = source_.substr(position_, end - position_);
  if (!isIdentifier(name))
    fail("Invalid character in identifier");
  push(Token::Kind::Name, std::move(name));
  advance(end);
  return true;
}

bool Lexer::lexString() {
  char quote = source_[position_];
  if (quote != '\'' && quote != '"')
    return false;
  size_t end = position_ + 1;
  while (end < source_.size() && source_[end] != quote)
    end += source_[end] == '\\' ? 2 : 1;
  if (end >= source_.size())
    return false;
  push(Token::Kind::Text, decodeString(std::string_view(source_).substr(
                              position_ + 1, end - position_ - 1)));
  advance(end + 1);
  return true;
}

void Lexer::lexOperator() {
  for (std::string_view sign : operators) {
    if (!looksAt(sign))
      continue;
    balance(sign);
    push(Token::Kind::Operator, std::string(sign));
    advance(position_ + sign.size());
    return;
  }
  fail("unexpected char {} at {}", quoted(prefix(rest(), 1)), position_);
}

void Lexer::balance(std::string_view sign) {
  constexpr std::string_view open = "{([", close = "})]";
  if (size_t i = open.find(sign); i != open.npos)
    brackets_.push_back(close[i]);
  if (close.find(sign) == close.npos)
    return;
  if (brackets_.empty())
    fail("unexpected '{}'", sign);
  if (brackets_.back() != sign[0])
    fail("unexpected '{}', expected '{}'", sign,
         std::string_view(&brackets_.back(), 1));
  brackets_.pop_back();
}

} // namespace llmc::jinja
