// SPDX-License-Identifier: Apache-2.0
// A template's source as tokens, one at a time: Jinja2's lexer with
// trim_blocks and lstrip_blocks on, as `transformers` sets them, and a single
// newline at the end of the source left out. Used by the parser; refers to no
// text after construction but its own copy.
#ifndef LLMC_RUNTIME_TEMPLATE_LEXER_H
#define LLMC_RUNTIME_TEMPLATE_LEXER_H

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::jinja {

struct Token {
  enum class Kind : uint8_t {
    Data,
    VariableBegin, // {{
    VariableEnd,
    BlockBegin, // {%
    BlockEnd,
    Name,
    Text,
    Integer,
    Float,
    Operator,
    End
  };
  Kind kind = Kind::End;
  int line = 0;
  std::string text = {}; // a string's without quotes and escapes
  int64_t integer = 0;
  double real = 0;

  bool isName(std::string_view name) const {
    return kind == Kind::Name && text == name;
  }
  bool isOperator(std::string_view sign) const {
    return kind == Kind::Operator && text == sign;
  }
};

class Lexer {
public:
  /// `source` is valid UTF-8.
  explicit Lexer(std::string_view source);
  /// The next token; End again and again after the last one. Throws a Failure
  /// that has its line.
  Token next();

private:
  enum class State : uint8_t { Root, Block, Variable };

  void lexRoot();
  void lexData(size_t tag);
  void lexComment();
  bool lexRaw();
  void lexTag();
  bool lexEnd();
  bool lexNumber();
  bool lexFloat();
  void lexInteger();
  bool lexName();
  bool lexString();
  void lexOperator();
  void balance(std::string_view sign);

  std::string_view rest() const {
    return std::string_view(source_).substr(position_);
  }
  bool looksAt(std::string_view text) const { return rest().starts_with(text); }
  /// Goes on to a place and counts the lines up to it.
  void advance(size_t to);
  size_t afterSpaces(size_t from) const;
  void push(Token::Kind kind, std::string text = {});
  void pushData(size_t end, char sign, bool isVariable);

  std::string source_;
  size_t position_ = 0;
  int line_ = 1;
  State state_ = State::Root;
  bool startsLine_ = true;     // what was read last ended a line
  std::vector<char> brackets_; // that have to be closed
  std::deque<Token> tokens_;   // read, but not given out
};

} // namespace llmc::jinja

#endif
