// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Parser.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Print.h"
#include <algorithm>

namespace llmc::jinja {

Parser::Nested::Nested(Parser &parser) : parser_(parser) {
  if (parser_.nesting_ >= limits::nesting)
    exceeded("the template nests deeper than {}", limits::nesting);
  ++parser_.nesting_;
}

Parser::Parser(std::string_view source, Heap &heap)
    : heap_(heap), lexer_(source), current_(lexer_.next()) {}

TemplateTree Parser::parse() {
  TemplateTree tree;
  try {
    tree.body = parseBody({});
  } catch (Failure &failure) {
    if (failure.line == 0)
      failure.line = current().line;
    throw;
  }
  return tree;
}

static void markUse(Expression &target, Expression::Use use) {
  bool canAssign = target.kind == Expression::Kind::Name ||
                   target.kind == Expression::Kind::Attribute ||
                   target.kind == Expression::Kind::Tuple;
  if (!canAssign)
    fail("can't assign to this expression");
  target.use = use;
  for (const ExpressionPtr &child : target.children)
    markUse(*child, use);
}

// Tokens.

const Token &Parser::following() {
  if (!hasFollowing_)
    following_ = lexer_.next();
  hasFollowing_ = true;
  return following_;
}

Token Parser::take() {
  Token token = std::move(current_);
  current_ = hasFollowing_ ? std::move(following_) : lexer_.next();
  hasFollowing_ = false;
  return token;
}

bool Parser::skipName(std::string_view name) {
  bool isHere = current().isName(name);
  if (isHere)
    take();
  return isHere;
}

bool Parser::skipOperator(std::string_view sign) {
  bool isHere = current().isOperator(sign);
  if (isHere)
    take();
  return isHere;
}

void Parser::expectOperator(std::string_view sign) {
  if (!skipOperator(sign))
    fail("expected '{}', got {}", sign, describeCurrent());
}

Token Parser::expect(Token::Kind kind, std::string_view what) {
  if (current().kind != kind)
    fail("expected {}, got {}", what, describeCurrent());
  return take();
}

std::string Parser::describeCurrent() const {
  switch (current().kind) {
  case Token::Kind::End:
    return "the end of the template";
  case Token::Kind::BlockEnd:
    return "the end of the tag";
  case Token::Kind::VariableEnd:
    return "the end of the print statement";
  case Token::Kind::Integer:
  case Token::Kind::Float:
    return "a number";
  case Token::Kind::Text:
    return "a string";
  default:
    return quoted(current().text);
  }
}

// Statements.

/// What is written until one of the end tags, at whose name it stops.
Body Parser::parseBody(Names ends) {
  Nested nested(*this);
  Body body;
  auto output = [&]() -> Statement & {
    if (body.empty() || body.back()->kind != Statement::Kind::Output)
      body.push_back(one(Statement::Kind::Output));
    return *body.back();
  };
  while (current().kind != Token::Kind::End) {
    if (current().kind == Token::Kind::Data) {
      Token data = take();
      output().expressions.push_back(
          constant(heap_.text(std::move(data.text)), data.line));
    } else if (current().kind == Token::Kind::VariableBegin) {
      take();
      ExpressionPtr value = parseTuple();
      output().expressions.push_back(std::move(value));
      expect(Token::Kind::VariableEnd, "the end of the print statement");
    } else {
      expect(Token::Kind::BlockBegin, "a tag");
      bool isEnd =
          current().kind == Token::Kind::Name &&
          std::find(ends.begin(), ends.end(), current().text) != ends.end();
      if (isEnd)
        return body;
      body.push_back(parseStatement());
      expect(Token::Kind::BlockEnd, "the end of the tag");
    }
  }
  if (ends.size() > 0)
    fail("Unexpected end of template: expected '{}'",
         fmt::join(ends.begin(), ends.end(), "' or '"));
  return body;
}

/// The body of a statement, from the end of its tag.
Body Parser::parseBlock(Names ends) {
  skipOperator(":");
  expect(Token::Kind::BlockEnd, "the end of the tag");
  return parseBody(ends);
}

StatementPtr Parser::one(Statement::Kind kind) {
  return std::make_unique<Statement>(kind, current().line);
}

void Parser::failTag() {
  const std::string &name = current().text;
  if (current().kind != Token::Kind::Name)
    fail("tag name expected");
  for (std::string_view tag : {"extends", "include", "import", "from"})
    if (name == tag)
      fail("'{}' refers to another template, and there is none", tag);
  for (std::string_view tag : {"block", "autoescape"})
    if (name == tag)
      unsupported("the tag '{}' is not supported", tag);
  fail("Encountered unknown tag {}", quoted(name));
}

StatementPtr Parser::parseStatement() {
  using Parse = StatementPtr (Parser::*)();
  constexpr std::pair<std::string_view, Parse> tags[] = {
      {"for", &Parser::parseFor},
      {"if", &Parser::parseIf},
      {"set", &Parser::parseSet},
      {"macro", &Parser::parseMacro},
      {"call", &Parser::parseCallBlock},
      {"filter", &Parser::parseFilterBlock},
      {"generation", &Parser::parseGeneration},
      {"with", &Parser::parseWith},
      {"print", &Parser::parsePrint},
      {"break", &Parser::parseLoopControl},
      {"continue", &Parser::parseLoopControl}};
  for (auto [name, parse] : tags)
    if (current().isName(name))
      return (this->*parse)();
  failTag();
}

StatementPtr Parser::parseFor() {
  StatementPtr out = one(Statement::Kind::For);
  take();
  out->target = parseTarget("in", /*allowAttributes=*/false);
  if (!skipName("in"))
    fail("expected 'in', got {}", describeCurrent());
  TupleForm form;
  form.withCondition = false;
  form.end = "recursive";
  out->expressions.push_back(parseTuple(form));
  if (skipName("if"))
    out->test = parseExpression();
  out->isRecursive = skipName("recursive");
  out->bodies.push_back(parseBlock({"endfor", "else"}));
  if (take().text == "else") {
    out->bodies.push_back(parseBlock({"endfor"}));
    take();
  } else {
    out->bodies.emplace_back();
  }
  return out;
}

StatementPtr Parser::parseIf() {
  StatementPtr out = one(Statement::Kind::If);
  TupleForm form;
  form.withCondition = false;
  std::string end;
  do {
    take();
    out->expressions.push_back(parseTuple(form));
    out->bodies.push_back(parseBlock({"elif", "else", "endif"}));
    end = current().text;
  } while (end == "elif");
  take();
  if (end == "else") {
    out->bodies.push_back(parseBlock({"endif"}));
    take();
  }
  return out;
}

StatementPtr Parser::parseSet() {
  StatementPtr out = one(Statement::Kind::Set);
  take();
  out->target = parseTarget({}, /*allowAttributes=*/true);
  if (skipOperator("=")) {
    out->expressions.push_back(parseTuple());
    return out;
  }
  out->kind = Statement::Kind::SetBlock;
  if (current().isOperator("|"))
    out->filter = parseFilters(nullptr);
  out->bodies.push_back(parseBlock({"endset"}));
  take();
  return out;
}

void Parser::parseSignature(Statement &statement) {
  expectOperator("(");
  while (!current().isOperator(")")) {
    if (!statement.parameters.empty())
      expectOperator(",");
    ExpressionPtr name = parseNameTarget();
    name->use = Expression::Use::Parameter;
    for (const ExpressionPtr &other : statement.parameters)
      if (other->name == name->name)
        fail("the argument {} is there twice", quoted(name->name));
    if (skipOperator("="))
      statement.defaults.push_back(parseExpression());
    else if (!statement.defaults.empty())
      fail("non-default argument follows default argument");
    statement.parameters.push_back(std::move(name));
  }
  expectOperator(")");
}

StatementPtr Parser::parseMacro() {
  StatementPtr out = one(Statement::Kind::Macro);
  take();
  out->name = expect(Token::Kind::Name, "name").text;
  parseSignature(*out);
  out->bodies.push_back(parseBlock({"endmacro"}));
  take();
  return out;
}

StatementPtr Parser::parseCallBlock() {
  StatementPtr out = one(Statement::Kind::Call);
  take();
  if (current().isOperator("("))
    parseSignature(*out);
  out->expressions.push_back(parseExpression());
  if (out->expressions[0]->kind != Expression::Kind::Call)
    fail("expected call");
  out->bodies.push_back(parseBlock({"endcall"}));
  take();
  return out;
}

StatementPtr Parser::parseGeneration() {
  StatementPtr out = one(Statement::Kind::Generation);
  take();
  out->bodies.push_back(parseBlock({"endgeneration"}));
  take();
  return out;
}

StatementPtr Parser::parseFilterBlock() {
  StatementPtr out = one(Statement::Kind::Filter);
  take();
  out->filter = parseFilters(nullptr, /*startsInline=*/true);
  out->bodies.push_back(parseBlock({"endfilter"}));
  take();
  return out;
}

StatementPtr Parser::parseWith() {
  StatementPtr out = one(Statement::Kind::With);
  take();
  while (current().kind != Token::Kind::BlockEnd) {
    if (!out->targets.empty())
      expectOperator(",");
    ExpressionPtr target = parseTarget({}, /*allowAttributes=*/false);
    markUse(*target, Expression::Use::Parameter);
    out->targets.push_back(std::move(target));
    expectOperator("=");
    out->expressions.push_back(parseExpression());
  }
  out->bodies.push_back(parseBlock({"endwith"}));
  take();
  return out;
}

StatementPtr Parser::parsePrint() {
  StatementPtr out = one(Statement::Kind::Output);
  take();
  while (current().kind != Token::Kind::BlockEnd) {
    if (!out->expressions.empty())
      expectOperator(",");
    out->expressions.push_back(parseExpression());
  }
  return out;
}

StatementPtr Parser::parseLoopControl() {
  bool isBreak = current().isName("break");
  StatementPtr out =
      one(isBreak ? Statement::Kind::Break : Statement::Kind::Continue);
  take();
  return out;
}

// Targets.

ExpressionPtr Parser::parseTarget(std::string_view end, bool allowAttributes) {
  TupleForm form;
  form.isTarget = true;
  form.end = end;
  form.allowAttributes = allowAttributes;
  ExpressionPtr target = parseTuple(form);
  markUse(*target, Expression::Use::Store);
  return target;
}

ExpressionPtr Parser::parseNameTarget() {
  Token name = expect(Token::Kind::Name, "name");
  ExpressionPtr out = node(Expression::Kind::Name, name.line);
  out->name = name.text;
  markUse(*out, Expression::Use::Store);
  return out;
}

} // namespace llmc::jinja
