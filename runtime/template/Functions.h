// SPDX-License-Identifier: Apache-2.0
// What is built in: filters, tests, global functions and the methods of values.
// Each is a row of a table: a name, its parameters and a function. The files
// that define the tables: TextFilters, SequenceFilters, SelectFilters,
// NumberFilters, Tests, Globals, TextMethods, ContainerMethods.
#ifndef LLMC_RUNTIME_TEMPLATE_FUNCTIONS_H
#define LLMC_RUNTIME_TEMPLATE_FUNCTIONS_H

#include "runtime/template/Heap.h"
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::jinja {

class Interpreter;

struct CallArguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;

  /// A named argument, taken out; missing where there is none.
  Value take(std::string_view name);
};

/// A call's arguments in the order of the parameters, those that were left out
/// Missing.
class Bound {
public:
  Bound(Heap &heap, const Native &native, CallArguments arguments);

  bool has(size_t i) const {
    return i < values_.size() && !values_[i].isMissing();
  }
  const Value &operator[](size_t i) const { return values_[i]; }
  /// The argument, or what stands for one that was left out. Fail where an
  /// argument has another type.
  int64_t integer(size_t i, int64_t absent) const;
  std::string_view text(size_t i, std::string_view absent) const;
  bool truth(size_t i, bool absent) const;
  /// Of a function that takes any arguments.
  CallArguments &all() { return arguments_; }

private:
  std::string_view function_;
  CallArguments arguments_;
  std::vector<Value> values_;
};

/// `self` is what a filter or a test is applied to, or whose method it is.
using NativeFunction = Value (*)(Interpreter &interpreter, const Value &self,
                                 Bound &arguments);

struct Native {
  std::string_view name;
  /// Names, separated by spaces; "name?" may be left out, "name/" goes by
  /// position only; "*" alone: any arguments.
  std::string_view parameters;
  /// Null: Jinja2 has it, this does not.
  NativeFunction function;
};

/// Null where there is none.
const Native *findFilter(std::string_view name);
const Native *findTest(std::string_view name);
const Native *findGlobal(std::string_view name);
const Native *findMethod(const Value &value, std::string_view name);
/// Python has a method of this name that changes the value.
bool isMutator(const Value &value, std::string_view name);

/// The parts of those tables.
std::span<const Native> textFilters();
std::span<const Native> sequenceFilters();
std::span<const Native> selectFilters();
std::span<const Native> numberFilters();
std::span<const Native> textMethods();

/// The row of that name; null where there is none.
const Native *findNative(std::span<const Native> table, std::string_view name);

/// "<Macro 'name'>" and "<LoopContext 1/3>".
std::string describeMacro(const Value &macro);
std::string describeLoop(Heap &heap, const Value &loop);

} // namespace llmc::jinja

#endif
