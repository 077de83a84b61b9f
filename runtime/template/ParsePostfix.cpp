// SPDX-License-Identifier: Apache-2.0
// What follows an expression: subscripts, calls, filters and tests.
#include "runtime/template/Failure.h"
#include "runtime/template/Parser.h"

namespace llmc::jinja {

using ExpressionKind = Expression::Kind;

ExpressionPtr Parser::parsePostfix(ExpressionPtr node) {
  for (;;) {
    if (current().isOperator(".") || current().isOperator("["))
      node = parseSubscript(std::move(node));
    else if (current().isOperator("("))
      node = parseCall(std::move(node));
    else
      return node;
  }
}

ExpressionPtr Parser::parseFilterChain(ExpressionPtr node) {
  for (;;) {
    if (current().isOperator("|"))
      node = parseFilters(std::move(node));
    else if (current().isName("is"))
      node = parseTest(std::move(node));
    else if (current().isOperator("("))
      node = parseCall(std::move(node));
    else
      return node;
  }
}

ExpressionPtr Parser::parseSubscript(ExpressionPtr left) {
  Token token = take();
  ExpressionPtr out = node(ExpressionKind::Item, token.line);
  out->children.push_back(std::move(left));
  if (token.text == ".") {
    Token name = take();
    if (name.kind == Token::Kind::Name) {
      out->kind = ExpressionKind::Member;
      out->text = name.text;
    } else if (name.kind == Token::Kind::Integer) {
      out->children.push_back(
          constant(Value::integer(name.integer), name.line));
    } else {
      fail("expected name or number");
    }
    return sealed(std::move(out));
  }
  Nested nested(*this);
  std::vector<ExpressionPtr> indices;
  while (!current().isOperator("]")) {
    if (!indices.empty())
      expectOperator(",");
    indices.push_back(parseIndex());
  }
  expectOperator("]");
  if (indices.size() == 1) {
    out->children.push_back(std::move(indices[0]));
    return sealed(std::move(out));
  }
  ExpressionPtr tuple = node(ExpressionKind::Tuple, token.line);
  for (const ExpressionPtr &index : indices)
    if (index->kind == ExpressionKind::Slice)
      unsupported("a slice beside other indices");
  tuple->children = std::move(indices);
  out->children.push_back(sealed(std::move(tuple)));
  return sealed(std::move(out));
}

ExpressionPtr Parser::parseIndex() {
  int line = current().line;
  ExpressionPtr start;
  if (!current().isOperator(":")) {
    start = parseExpression();
    if (!current().isOperator(":"))
      return start;
  }
  expectOperator(":");
  ExpressionPtr out = node(ExpressionKind::Slice, line);
  auto isOver = [&] {
    return current().isOperator("]") || current().isOperator(",");
  };
  ExpressionPtr stop, step;
  if (!current().isOperator(":") && !isOver())
    stop = parseExpression();
  if (skipOperator(":") && !isOver())
    step = parseExpression();
  for (ExpressionPtr *child : {&start, &stop, &step})
    out->children.push_back(std::move(*child));
  return sealed(std::move(out));
}

ExpressionPtr Parser::parseCall(ExpressionPtr left) {
  ExpressionPtr out = node(ExpressionKind::Call, current().line);
  out->children.push_back(std::move(left));
  out->arguments = parseArguments();
  return sealed(std::move(out));
}

Arguments Parser::parseArguments() {
  Nested nested(*this);
  Arguments out;
  auto require = [](bool holds) {
    if (!holds)
      fail("invalid syntax for function call expression");
  };
  expectOperator("(");
  for (bool isFirst = true; !current().isOperator(")"); isFirst = false) {
    if (!isFirst) {
      expectOperator(",");
      if (current().isOperator(")"))
        break;
    }
    if (skipOperator("*")) {
      require(!out.list && !out.dict);
      out.list = parseExpression();
    } else if (skipOperator("**")) {
      require(!out.dict);
      out.dict = parseExpression();
    } else if (current().kind == Token::Kind::Name &&
               following().isOperator("=")) {
      require(!out.dict);
      std::string name = take().text;
      take();
      for (const auto &[other, value] : out.named)
        if (other == name)
          fail("keyword argument repeated: {}", name);
      out.named.emplace_back(std::move(name), parseExpression());
    } else {
      require(!out.list && !out.dict && out.named.empty());
      out.positional.push_back(parseExpression());
    }
  }
  expectOperator(")");
  return out;
}

std::string Parser::parseDottedName() {
  std::string name = expect(Token::Kind::Name, "name").text;
  while (skipOperator("."))
    name += "." + expect(Token::Kind::Name, "name").text;
  return name;
}

ExpressionPtr Parser::parseFilters(ExpressionPtr left, bool startsInline) {
  while (startsInline || skipOperator("|")) {
    startsInline = false;
    ExpressionPtr out = node(ExpressionKind::Filter, current().line);
    out->children.push_back(std::move(left));
    out->text = parseDottedName();
    if (current().isOperator("("))
      out->arguments = parseArguments();
    left = sealed(std::move(out));
  }
  return left;
}

ExpressionPtr Parser::parseTest(ExpressionPtr left) {
  int line = take().line;
  bool isNegated = skipName("not");
  ExpressionPtr out = node(ExpressionKind::Test, line);
  out->children.push_back(std::move(left));
  out->text = parseDottedName();
  const Token &next = current();
  bool startsOperand =
      next.kind == Token::Kind::Name || next.kind == Token::Kind::Text ||
      next.kind == Token::Kind::Integer || next.kind == Token::Kind::Float ||
      next.isOperator("[") || next.isOperator("{");
  bool isOther = next.isName("else") || next.isName("or") || next.isName("and");
  if (next.isOperator("(")) {
    out->arguments = parseArguments();
  } else if (startsOperand && !isOther) {
    if (next.isName("is"))
      fail("You cannot chain multiple tests with is");
    Nested nested(*this);
    out->arguments.positional.push_back(parsePostfix(parsePrimary()));
  }
  out = sealed(std::move(out));
  if (!isNegated)
    return out;
  ExpressionPtr negation = node(ExpressionKind::Not, line);
  negation->children.push_back(std::move(out));
  return sealed(std::move(negation));
}

} // namespace llmc::jinja
