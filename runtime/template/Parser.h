// SPDX-License-Identifier: Apache-2.0
// Tokens to a tree: Jinja2's parser, with the tags `break`, `continue` and
// `generation` that `transformers` adds. Statements are in Parser.cpp,
// expressions in ParseExpression.cpp and ParsePostfix.cpp.
#ifndef LLMC_RUNTIME_TEMPLATE_PARSER_H
#define LLMC_RUNTIME_TEMPLATE_PARSER_H

#include "runtime/template/Ast.h"
#include "runtime/template/Heap.h"
#include "runtime/template/Lexer.h"
#include <initializer_list>
#include <optional>

namespace llmc::jinja {

class Parser {
public:
  /// Constants of the template are made on `heap`, which must outlive it.
  Parser(std::string_view source, Heap &heap);

  /// Throws a Failure with a line.
  TemplateTree parse();

private:
  using Names = std::initializer_list<std::string_view>;

  // Statements.
  Body parseBody(Names ends);
  Body parseBlock(Names ends);
  StatementPtr parseStatement();
  StatementPtr parseFor();
  StatementPtr parseIf();
  StatementPtr parseSet();
  StatementPtr parseMacro();
  StatementPtr parseCallBlock();
  StatementPtr parseFilterBlock();
  StatementPtr parseGeneration();
  StatementPtr parseWith();
  StatementPtr parsePrint();
  StatementPtr parseLoopControl();
  StatementPtr one(Statement::Kind kind);
  void parseSignature(Statement &statement);
  [[noreturn]] void failTag();

  // Targets of assignments.
  ExpressionPtr parseTarget(std::string_view end, bool allowAttributes);
  ExpressionPtr parseNameTarget();

  // Expressions.
  ExpressionPtr parseExpression(bool withCondition = true);
  ExpressionPtr parseCondition();
  ExpressionPtr parseOr();
  ExpressionPtr parseAnd();
  ExpressionPtr parseNot();
  ExpressionPtr parseComparison();
  ExpressionPtr parseSum();
  ExpressionPtr parseConcat();
  ExpressionPtr parseProduct();
  ExpressionPtr parsePower();
  ExpressionPtr parseUnary(bool withFilter = true);
  ExpressionPtr parsePrimary(bool allowAttributes = false);
  ExpressionPtr parseName(bool allowAttributes);
  ExpressionPtr parseString();
  ExpressionPtr parseList();
  ExpressionPtr parseDict();
  ExpressionPtr parsePostfix(ExpressionPtr node);
  ExpressionPtr parseFilterChain(ExpressionPtr node);
  ExpressionPtr parseFilters(ExpressionPtr node, bool startsInline = false);
  ExpressionPtr parseTest(ExpressionPtr node);
  ExpressionPtr parseSubscript(ExpressionPtr node);
  ExpressionPtr parseIndex();
  ExpressionPtr parseCall(ExpressionPtr node);
  Arguments parseArguments();
  struct TupleForm {
    bool isTarget = false;      // names and literals only
    bool withCondition = true;  // `a if b else c` is allowed
    bool inParentheses = false; // may be empty
    bool allowAttributes = false;
    std::string_view end = {}; // a name that ends it
  };
  ExpressionPtr parseTuple() { return parseTuple(TupleForm()); }
  ExpressionPtr parseTuple(const TupleForm &form);
  bool isTupleEnd(std::string_view end) const;
  std::optional<Operator> comparisonHere();

  ExpressionPtr node(Expression::Kind kind, int line) const;
  ExpressionPtr constant(Value value, int line) const;
  ExpressionPtr binary(Operator op, ExpressionPtr left, ExpressionPtr right,
                       int line) const;
  /// Notes how deep a complete expression is; fails above the limit.
  ExpressionPtr sealed(ExpressionPtr node) const;
  std::string parseDottedName();

  // Tokens.
  const Token &current() const { return current_; }
  const Token &following();
  Token take();
  bool skipName(std::string_view name);
  bool skipOperator(std::string_view sign);
  void expectOperator(std::string_view sign);
  Token expect(Token::Kind kind, std::string_view what);
  std::string describeCurrent() const;

  class Nested;
  Heap &heap_;
  Lexer lexer_;
  Token current_, following_;
  bool hasFollowing_ = false;
  int nesting_ = 0;
};

/// One level of nesting in the source, while it lives.
class Parser::Nested {
public:
  explicit Nested(Parser &parser);
  ~Nested() { --parser_.nesting_; }
  Nested(const Nested &) = delete;
  Nested &operator=(const Nested &) = delete;

private:
  Parser &parser_;
};

} // namespace llmc::jinja

#endif
