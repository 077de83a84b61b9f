// SPDX-License-Identifier: Apache-2.0
// What must hold of rules before an automaton follows them: that a rule
// consumes something before it comes to itself, or its stack would grow without
// end, and that every rule can end, so that every beginning of a text can be
// completed.
#include "runtime/grammar/Grammar.h"
#include <fmt/format.h>

namespace llmc::grammar {

namespace {

using Kind = Expression::Kind;

class RuleCheck {
public:
  explicit RuleCheck(const Grammar &grammar)
      : grammar_(grammar), nullable_(grammar.rules().size(), false),
        ends_(grammar.rules().size(), false) {}

  Result<std::vector<bool>> run() {
    untilNothingChanges(nullable_, &RuleCheck::isNullable);
    untilNothingChanges(ends_, &RuleCheck::canEnd);
    for (size_t rule = 0; rule < ends_.size(); ++rule)
      if (!ends_[rule])
        return Status(Code::BadInput,
                      fmt::format("{}: no text that ends matches this rule",
                                  grammar_.rules()[rule].name));
    if (Status status = refuseLeftRecursion(); !status)
      return status;
    return std::move(nullable_);
  }

private:
  using Property = bool (RuleCheck::*)(ExpressionId) const;

  /// The least fixed point, by the rules that use a rule whose answer changed.
  void untilNothingChanges(std::vector<bool> &holds, Property property) {
    const auto &rules = grammar_.rules();
    std::vector<std::vector<uint32_t>> users(rules.size());
    std::vector<uint32_t> used, open;
    for (uint32_t rule = 0; rule < rules.size(); ++rule) {
      used.clear();
      collect(rules[rule].body, used);
      for (uint32_t other : used)
        users[other].push_back(rule);
      open.push_back(rule);
    }
    while (!open.empty()) {
      uint32_t rule = open.back();
      open.pop_back();
      if (holds[rule] || !(this->*property)(rules[rule].body))
        continue;
      holds[rule] = true;
      open.insert(open.end(), users[rule].begin(), users[rule].end());
    }
  }

  void collect(ExpressionId id, std::vector<uint32_t> &used) const {
    const Expression &e = grammar_.at(id);
    if (e.kind == Kind::Rule)
      used.push_back(e.rule);
    for (ExpressionId part : e.parts)
      collect(part, used);
  }

  bool isNullable(ExpressionId id) const {
    const Expression &e = grammar_.at(id);
    switch (e.kind) {
    case Kind::Literal:
      return e.literal.empty();
    case Kind::Class:
      return false;
    case Kind::Rule:
      return nullable_[e.rule];
    case Kind::Repeat:
      return e.least == 0 || isNullable(e.parts[0]);
    case Kind::Sequence:
      return all(e, &RuleCheck::isNullable);
    case Kind::Choice:
      return any(e, &RuleCheck::isNullable);
    }
    return false;
  }

  bool canEnd(ExpressionId id) const {
    const Expression &e = grammar_.at(id);
    switch (e.kind) {
    case Kind::Literal:
      return true;
    case Kind::Class:
      return !e.ranges.empty();
    case Kind::Rule:
      return ends_[e.rule];
    case Kind::Repeat:
      return e.least == 0 || canEnd(e.parts[0]);
    case Kind::Sequence:
      return all(e, &RuleCheck::canEnd);
    case Kind::Choice:
      return any(e, &RuleCheck::canEnd);
    }
    return false;
  }

  bool all(const Expression &e, Property property) const {
    for (ExpressionId part : e.parts)
      if (!(this->*property)(part))
        return false;
    return true;
  }
  bool any(const Expression &e, Property property) const {
    for (ExpressionId part : e.parts)
      if ((this->*property)(part))
        return true;
    return false;
  }

  /// The rules that may come first in an expression.
  void collectFirst(ExpressionId id, std::vector<uint32_t> &first) const {
    const Expression &e = grammar_.at(id);
    if (e.kind == Kind::Rule)
      first.push_back(e.rule);
    for (ExpressionId part : e.parts) {
      collectFirst(part, first);
      if (e.kind == Kind::Sequence && !isNullable(part))
        break;
    }
  }

  /// Takes away rules that nothing begins with any more, again and again; a
  /// cycle stays.
  Status refuseLeftRecursion() const {
    size_t count = grammar_.rules().size();
    std::vector<std::vector<uint32_t>> first(count);
    std::vector<uint32_t> uses(count, 0), free;
    for (uint32_t rule = 0; rule < count; ++rule) {
      collectFirst(grammar_.rules()[rule].body, first[rule]);
      for (uint32_t other : first[rule])
        ++uses[other];
    }
    for (uint32_t rule = 0; rule < count; ++rule)
      if (uses[rule] == 0)
        free.push_back(rule);
    size_t taken = 0;
    for (; !free.empty(); ++taken) {
      uint32_t rule = free.back();
      free.pop_back();
      for (uint32_t other : first[rule])
        if (--uses[other] == 0)
          free.push_back(other);
    }
    if (taken == count)
      return Status();
    return Error{.code = Code::BadInput,
                 .what =
                     fmt::format("{}: this rule begins with itself",
                                 grammar_.rules()[onCycle(first, uses)].name),
                 .hint = "write a repetition, x ::= y z*, instead of the left "
                         "recursion x ::= y | x z"};
  }

  /// Of the rules that are left, some only hang on a cycle: back along first
  /// rules that are left, as many steps as there are rules, ends on one.
  static uint32_t onCycle(const std::vector<std::vector<uint32_t>> &first,
                          const std::vector<uint32_t> &uses) {
    std::vector<uint32_t> user(uses.size(), UINT32_MAX);
    uint32_t rule = UINT32_MAX;
    for (uint32_t r = 0; r < uses.size(); ++r)
      if (uses[r] > 0) {
        rule = r;
        for (uint32_t other : first[r])
          user[other] = r;
      }
    for (size_t i = 0; i < uses.size(); ++i)
      rule = user[rule];
    return rule;
  }

  const Grammar &grammar_;
  std::vector<bool> nullable_, ends_;
};

} // namespace

Result<std::vector<bool>> checkRules(const Grammar &grammar) {
  return RuleCheck(grammar).run();
}

} // namespace llmc::grammar
