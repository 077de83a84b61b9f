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

} // namespace llmc::jinja
