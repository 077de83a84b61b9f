// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Symbols.h"

namespace llmc::jinja {

Reference referenceTo(const Variable &variable, const FunctionScope &from) {
  Reference out;
  out.slot = variable.slot;
  for (const FunctionScope *f = &from; f != variable.function; f = f->outer)
    ++out.hops;
  return out;
}

std::optional<Variable> Symbols::findHere(const std::string &name) const {
  for (const Symbols *scope = this; scope; scope = scope->base_)
    if (auto found = scope->variables_.find(name);
        found != scope->variables_.end())
      return found->second;
  return std::nullopt;
}

std::optional<Variable> Symbols::findOutside(const std::string &name) const {
  return parent_ ? parent_->find(name) : std::nullopt;
}

std::optional<Variable> Symbols::find(const std::string &name) const {
  for (const Symbols *scope = this; scope; scope = scope->parent_)
    if (std::optional<Variable> found = scope->findHere(name))
      return found;
  return std::nullopt;
}

bool Symbols::stores(const std::string &name) const {
  for (const Symbols *scope = this; scope; scope = scope->base_)
    if (scope->stores_.contains(name))
      return true;
  return false;
}

Variable Symbols::define(const std::string &name, Load load) {
  Variable variable = {&function_, function_.slotOf(level_, name)};
  variables_[name] = variable;
  loads_[variable] = std::move(load);
  return variable;
}

/// The value of the variable outside, where there is one.
Symbols::Load Symbols::loadOf(const std::string &name,
                              FrameVariable::Source otherwise) const {
  if (std::optional<Variable> outside = findOutside(name))
    return {FrameVariable::Outer, {}, *outside};
  return {otherwise, name, {}};
}

void Symbols::store(const std::string &name) {
  stores_.insert(name);
  if (!findHere(name))
    define(name, loadOf(name, FrameVariable::Nothing));
}

void Symbols::load(const std::string &name) {
  if (!find(name))
    define(name, {FrameVariable::Context, name, {}});
}

Variable Symbols::declareParameter(const std::string &name) {
  stores_.insert(name);
  return define(name, {FrameVariable::Parameter, {}, {}});
}

Symbols Symbols::branch() const {
  Symbols out(parent_, function_);
  out.level_ = level_;
  out.base_ = this;
  return out;
}

void Symbols::merge(const std::vector<const Symbols *> &branches) {
  std::set<std::string> added;
  for (const Symbols *branch : branches)
    for (const std::string &name : branch->stores_)
      if (!stores(name))
        added.insert(name);
  for (const Symbols *branch : branches) {
    for (const auto &[name, variable] : branch->variables_)
      variables_[name] = variable;
    for (const auto &[variable, load] : branch->loads_)
      loads_[variable] = load;
    stores_.insert(branch->stores_.begin(), branch->stores_.end());
  }
  // A name that only a branch stores may be read after the `if`.
  for (const std::string &name : added)
    loads_[*findHere(name)] = loadOf(name, FrameVariable::Context);
}

Frame Symbols::frame() const {
  Frame out;
  for (const auto &[variable, load] : loads_) {
    FrameVariable item = {load.source, variable.slot, load.name, {}};
    if (load.source == FrameVariable::Outer)
      item.outer = referenceTo(load.outer, function_);
    out.variables.push_back(std::move(item));
  }
  return out;
}

} // namespace llmc::jinja
