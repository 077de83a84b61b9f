// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Scopes.h"
#include <algorithm>

namespace llmc::jinja {

Undeclared::Undeclared(std::vector<std::string_view> names)
    : names_(std::move(names)) {}

bool Undeclared::has(std::string_view name) const {
  return std::find(found_.begin(), found_.end(), name) != found_.end();
}

void Undeclared::visit(const Body &body) {
  for (const StatementPtr &statement : body)
    visit(*statement);
}

void Undeclared::visit(const std::vector<ExpressionPtr> &expressions) {
  for (const ExpressionPtr &expression : expressions)
    visit(expression);
}

void Undeclared::visit(const ExpressionPtr &expression) {
  if (!expression)
    return;
  if (expression->kind == Expression::Kind::Name) {
    auto known = std::find(names_.begin(), names_.end(), expression->name);
    if (known == names_.end())
      return;
    if (expression->use == Expression::Use::Load)
      found_.push_back(*known);
    else
      names_.erase(known);
    return;
  }
  visit(expression->children);
  visit(expression->arguments.positional);
  for (const auto &[name, value] : expression->arguments.named)
    visit(value);
  visit(expression->arguments.list);
  visit(expression->arguments.dict);
}

/// The order of the fields of Jinja2's nodes.
void Undeclared::visit(const Statement &s) {
  switch (s.kind) {
  case Statement::Kind::If:
    for (size_t i = 0; i < s.expressions.size(); ++i) {
      visit(s.expressions[i]);
      visit(s.bodies[i]);
    }
    if (s.bodies.size() > s.expressions.size())
      visit(s.bodies.back());
    return;
  case Statement::Kind::Filter:
    visit(s.bodies[0]);
    visit(s.filter);
    return;
  default:
    break;
  }
  visit(s.target);
  visit(s.targets);
  visit(s.filter);
  visit(s.expressions);
  visit(s.parameters);
  visit(s.defaults);
  for (const Body &body : s.bodies)
    visit(body);
  visit(s.test);
}

} // namespace llmc::jinja
