// SPDX-License-Identifier: Apache-2.0
// Resolves the names of a parsed template: which slot of which activation each
// variable is, and what slots hold when a scope is entered. The rules are those
// of Jinja2's compiler (its idtracking.py), oddities included: a name that a
// scope stores before it reads it hides the one outside from the first line on.
#ifndef LLMC_RUNTIME_TEMPLATE_SCOPES_H
#define LLMC_RUNTIME_TEMPLATE_SCOPES_H

#include "runtime/template/Ast.h"

namespace llmc::jinja {

/// Fails where a name, a filter or a test cannot be; the Failure has a line.
void resolveNames(TemplateTree &tree);

/// Which of some names statements read without having stored them before, in
/// the order in which Jinja2 looks.
class Undeclared {
public:
  explicit Undeclared(std::vector<std::string_view> names);
  void visit(const Body &body);
  bool has(std::string_view name) const;

private:
  void visit(const Statement &statement);
  void visit(const ExpressionPtr &expression);
  void visit(const std::vector<ExpressionPtr> &expressions);
  void visit(const Arguments &arguments);

  std::vector<std::string_view> names_, found_;
};

/// Calls f for each expression directly inside one.
template <typename F> void forEachChild(const Expression &expression, F f) {
  auto call = [&](const ExpressionPtr &child) {
    if (child)
      f(*child);
  };
  for (const ExpressionPtr &child : expression.children)
    call(child);
  for (const ExpressionPtr &child : expression.arguments.positional)
    call(child);
  for (const auto &[name, child] : expression.arguments.named)
    call(child);
  call(expression.arguments.list);
  call(expression.arguments.dict);
}

} // namespace llmc::jinja

#endif
