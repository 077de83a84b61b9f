// SPDX-License-Identifier: Apache-2.0
// The variables of one scope while a template is analysed: Jinja2's Symbols.
// Used by Scopes.cpp alone.
#ifndef LLMC_RUNTIME_TEMPLATE_SYMBOLS_H
#define LLMC_RUNTIME_TEMPLATE_SYMBOLS_H

#include "runtime/template/Ast.h"
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace llmc::jinja {

/// What becomes one activation when it is called: the template, a macro, a
/// recursive loop, a loop's filter. Scopes of one level in it that have a
/// variable of the same name share its slot.
struct FunctionScope {
  FunctionScope *outer = nullptr;
  std::map<std::pair<unsigned, std::string>, unsigned> slots = {};

  unsigned slotOf(unsigned level, const std::string &name) {
    return slots.try_emplace({level, name}, unsigned(slots.size()))
        .first->second;
  }
};

struct Variable {
  FunctionScope *function = nullptr;
  unsigned slot = 0;

  bool operator<(const Variable &other) const {
    return std::pair(function, slot) < std::pair(other.function, other.slot);
  }
};

class Symbols {
public:
  /// A scope inside another.
  Symbols(const Symbols *parent, FunctionScope &function)
      : parent_(parent), function_(function),
        level_(parent ? parent->level_ + 1 : 0) {}

  void store(const std::string &name);
  void load(const std::string &name);
  Variable declareParameter(const std::string &name);
  std::optional<Variable> find(const std::string &name) const;

  /// A branch of an `if`: sees this scope, and keeps what it adds to itself
  /// until the branches are merged.
  Symbols branch() const;
  void merge(const std::vector<const Symbols *> &branches);

  /// What happens when the scope is entered.
  Frame frame() const;
  FunctionScope &function() const { return function_; }

private:
  struct Load {
    FrameVariable::Source source;
    std::string name;
    Variable outer;
  };
  Variable define(const std::string &name, Load load);
  std::optional<Variable> findHere(const std::string &name) const;
  std::optional<Variable> findOutside(const std::string &name) const;
  bool stores(const std::string &name) const;
  Load loadOf(const std::string &name, FrameVariable::Source otherwise) const;

  const Symbols *parent_;
  const Symbols *base_ = nullptr; // the scope that this is a branch of
  FunctionScope &function_;
  unsigned level_;
  std::unordered_map<std::string, Variable> variables_;
  std::map<Variable, Load> loads_;
  std::unordered_set<std::string> stores_;
};

/// How code in a function reaches a variable.
Reference referenceTo(const Variable &variable, const FunctionScope &from);

} // namespace llmc::jinja

#endif
