// SPDX-License-Identifier: Apache-2.0
// Expressions: one function for each level of precedence, loosest first.
#include "runtime/template/Failure.h"
#include "runtime/template/Parser.h"
#include <algorithm>
#include <optional>

namespace llmc::jinja {

using ExpressionKind = Expression::Kind;

ExpressionPtr Parser::node(ExpressionKind kind, int line) const {
  return std::make_unique<Expression>(kind, line);
}

ExpressionPtr Parser::constant(Value value, int line) const {
  ExpressionPtr out = node(ExpressionKind::Constant, line);
  out->value = std::move(value);
  return out;
}

ExpressionPtr Parser::sealed(ExpressionPtr node) const {
  auto cover = [&](const ExpressionPtr &child) {
    if (child)
      node->height = std::max(node->height, child->height + 1);
  };
  for (const ExpressionPtr &child : node->children)
    cover(child);
  for (const ExpressionPtr &child : node->arguments.positional)
    cover(child);
  for (const auto &[name, child] : node->arguments.named)
    cover(child);
  cover(node->arguments.list);
  cover(node->arguments.dict);
  if (node->height > limits::height)
    exceeded("an expression of more than {} levels", limits::height);
  return node;
}

ExpressionPtr Parser::binary(Operator op, ExpressionPtr left,
                             ExpressionPtr right, int line) const {
  ExpressionPtr out = node(ExpressionKind::Binary, line);
  out->operators.push_back(op);
  out->children.push_back(std::move(left));
  out->children.push_back(std::move(right));
  return sealed(std::move(out));
}

ExpressionPtr Parser::parseExpression(bool withCondition) {
  Nested nested(*this);
  return withCondition ? parseCondition() : parseOr();
}

ExpressionPtr Parser::parseCondition() {
  int line = current().line;
  ExpressionPtr value = parseOr();
  while (skipName("if")) {
    ExpressionPtr out = node(ExpressionKind::Condition, line);
    ExpressionPtr test = parseOr();
    ExpressionPtr other;
    if (skipName("else")) {
      Nested nested(*this);
      other = parseCondition();
    }
    for (ExpressionPtr *child : {&test, &value, &other})
      out->children.push_back(std::move(*child));
    value = sealed(std::move(out));
    line = current().line;
  }
  return value;
}

ExpressionPtr Parser::parseOr() {
  int line = current().line;
  ExpressionPtr left = parseAnd();
  while (skipName("or")) {
    ExpressionPtr out = node(ExpressionKind::Or, line);
    out->children.push_back(std::move(left));
    out->children.push_back(parseAnd());
    left = sealed(std::move(out));
  }
  return left;
}

ExpressionPtr Parser::parseAnd() {
  int line = current().line;
  ExpressionPtr left = parseNot();
  while (skipName("and")) {
    ExpressionPtr out = node(ExpressionKind::And, line);
    out->children.push_back(std::move(left));
    out->children.push_back(parseNot());
    left = sealed(std::move(out));
  }
  return left;
}

ExpressionPtr Parser::parseNot() {
  if (!current().isName("not"))
    return parseComparison();
  Nested nested(*this);
  ExpressionPtr out = node(ExpressionKind::Not, take().line);
  out->children.push_back(parseNot());
  return sealed(std::move(out));
}

std::optional<Operator> Parser::comparisonHere() {
  constexpr std::pair<std::string_view, Operator> signs[] = {
      {"==", Operator::Equal},  {"!=", Operator::NotEqual},
      {"<", Operator::Less},    {"<=", Operator::LessEqual},
      {">", Operator::Greater}, {">=", Operator::GreaterEqual}};
  for (auto [sign, op] : signs)
    if (skipOperator(sign))
      return op;
  if (skipName("in"))
    return Operator::In;
  if (!current().isName("not") || !following().isName("in"))
    return std::nullopt;
  take();
  take();
  return Operator::NotIn;
}

ExpressionPtr Parser::parseComparison() {
  int line = current().line;
  ExpressionPtr first = parseSum();
  ExpressionPtr out;
  while (std::optional<Operator> op = comparisonHere()) {
    if (!out) {
      out = node(ExpressionKind::Compare, line);
      out->children.push_back(std::move(first));
    }
    out->operators.push_back(*op);
    out->children.push_back(parseSum());
  }
  return out ? sealed(std::move(out)) : std::move(first);
}

ExpressionPtr Parser::parseSum() {
  int line = current().line;
  ExpressionPtr left = parseConcat();
  while (current().isOperator("+") || current().isOperator("-")) {
    Operator op = take().text == "+" ? Operator::Add : Operator::Subtract;
    left = binary(op, std::move(left), parseConcat(), line);
  }
  return left;
}

ExpressionPtr Parser::parseConcat() {
  int line = current().line;
  ExpressionPtr first = parseProduct();
  if (!current().isOperator("~"))
    return first;
  ExpressionPtr out = node(ExpressionKind::Concat, line);
  out->children.push_back(std::move(first));
  while (skipOperator("~"))
    out->children.push_back(parseProduct());
  return sealed(std::move(out));
}

ExpressionPtr Parser::parseProduct() {
  constexpr std::pair<std::string_view, Operator> signs[] = {
      {"*", Operator::Multiply},
      {"/", Operator::Divide},
      {"//", Operator::FloorDivide},
      {"%", Operator::Modulo}};
  int line = current().line;
  ExpressionPtr left = parsePower();
  for (;;) {
    auto found =
        std::find_if(std::begin(signs), std::end(signs), [&](const auto &sign) {
          return current().isOperator(sign.first);
        });
    if (found == std::end(signs))
      return left;
    take();
    left = binary(found->second, std::move(left), parsePower(), line);
  }
}

ExpressionPtr Parser::parsePower() {
  int line = current().line;
  ExpressionPtr left = parseUnary();
  while (skipOperator("**"))
    left = binary(Operator::Power, std::move(left), parseUnary(), line);
  return left;
}

ExpressionPtr Parser::parseUnary(bool withFilter) {
  ExpressionPtr out;
  if (current().isOperator("-") || current().isOperator("+")) {
    Nested nested(*this);
    Token sign = take();
    out = node(sign.text == "-" ? ExpressionKind::Negative
                                : ExpressionKind::Positive,
               sign.line);
    out->children.push_back(parseUnary(false));
    out = sealed(std::move(out));
  } else {
    out = parsePrimary();
  }
  out = parsePostfix(std::move(out));
  return withFilter ? parseFilterChain(std::move(out)) : std::move(out);
}

ExpressionPtr Parser::parsePrimary(bool allowAttributes) {
  int line = current().line;
  switch (current().kind) {
  case Token::Kind::Name:
    return parseName(allowAttributes);
  case Token::Kind::Text:
    return parseString();
  case Token::Kind::Integer:
    return constant(Value::integer(take().integer), line);
  case Token::Kind::Float:
    return constant(Value::real(take().real), line);
  default:
    break;
  }
  if (skipOperator("(")) {
    Nested nested(*this);
    TupleForm form;
    form.inParentheses = true;
    ExpressionPtr out = parseTuple(form);
    expectOperator(")");
    return out;
  }
  if (current().isOperator("["))
    return parseList();
  if (current().isOperator("{"))
    return parseDict();
  fail("unexpected {}", describeCurrent());
}

ExpressionPtr Parser::parseName(bool allowAttributes) {
  Token token = take();
  const std::string &name = token.text;
  if (name == "true" || name == "True" || name == "false" || name == "False")
    return constant(Value::boolean(name == "true" || name == "True"),
                    token.line);
  if (name == "none" || name == "None")
    return constant(Value::none(), token.line);
  bool isAttribute = allowAttributes && skipOperator(".");
  ExpressionPtr out =
      node(isAttribute ? ExpressionKind::Attribute : ExpressionKind::Name,
           token.line);
  out->name = name;
  if (isAttribute)
    out->text = expect(Token::Kind::Name, "name").text;
  return out;
}

ExpressionPtr Parser::parseString() {
  Token token = take();
  while (current().kind == Token::Kind::Text)
    token.text += take().text;
  return constant(heap_.text(std::move(token.text)), token.line);
}

ExpressionPtr Parser::parseList() {
  Nested nested(*this);
  ExpressionPtr out = node(ExpressionKind::List, take().line);
  while (!current().isOperator("]")) {
    if (!out->children.empty())
      expectOperator(",");
    if (current().isOperator("]"))
      break;
    out->children.push_back(parseExpression());
  }
  expectOperator("]");
  return sealed(std::move(out));
}

ExpressionPtr Parser::parseDict() {
  Nested nested(*this);
  ExpressionPtr out = node(ExpressionKind::Dict, take().line);
  while (!current().isOperator("}")) {
    if (!out->children.empty())
      expectOperator(",");
    if (current().isOperator("}"))
      break;
    out->children.push_back(parseExpression());
    expectOperator(":");
    out->children.push_back(parseExpression());
  }
  expectOperator("}");
  return sealed(std::move(out));
}

bool Parser::isTupleEnd(std::string_view end) const {
  return current().kind == Token::Kind::VariableEnd ||
         current().kind == Token::Kind::BlockEnd || current().isOperator(")") ||
         (!end.empty() && current().isName(end));
}

ExpressionPtr Parser::parseTuple(const TupleForm &form) {
  int line = current().line;
  std::vector<ExpressionPtr> items;
  bool isTuple = false;
  for (;;) {
    if (!items.empty())
      expectOperator(",");
    if (isTupleEnd(form.end))
      break;
    items.push_back(form.isTarget ? parsePrimary(form.allowAttributes)
                                  : parseExpression(form.withCondition));
    if (!current().isOperator(","))
      break;
    isTuple = true;
    line = current().line;
  }
  if (!isTuple && !items.empty())
    return std::move(items[0]);
  if (!isTuple && !form.inParentheses)
    fail("Expected an expression, got {}", describeCurrent());
  ExpressionPtr out = node(ExpressionKind::Tuple, line);
  out->children = std::move(items);
  return sealed(std::move(out));
}

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
