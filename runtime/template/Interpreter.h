// SPDX-License-Identifier: Apache-2.0
// Renders a tree: one object per rendering, for one thread. Expressions are in
// Expressions.cpp, statements in Statements.cpp, loops in Loops.cpp, macros and
// calls in Calls.cpp. All functions throw Failures.
#ifndef LLMC_RUNTIME_TEMPLATE_INTERPRETER_H
#define LLMC_RUNTIME_TEMPLATE_INTERPRETER_H

#include "runtime/template/Ast.h"
#include "runtime/template/Functions.h"
#include "runtime/template/Heap.h"
#include "runtime/template/Iterate.h"
#include <ctime>
#include <map>
#include <memory>
#include <string>

namespace llmc::jinja {

/// The variables of a function that runs, and the one it was defined in.
struct Activation {
  Activation *outer = nullptr;
  std::vector<Value> slots;
  bool isKept = false; // something that outlives the call refers to it
};

using Variables = std::map<std::string, Value, std::less<>>;

class Interpreter {
public:
  /// `now` is what strftime_now tells. The arguments must outlive it.
  Interpreter(Heap &heap, const Variables &variables, const std::tm &now);

  std::string render(const TemplateTree &tree);
  /// The line in the template where it is, or where it failed.
  int line() const { return line_; }

  Heap &heap() { return heap_; }
  const std::tm &now() const { return now_; }

  Value call(const Value &callee, CallArguments arguments);
  /// Fail where there is no such filter or test.
  Value filter(std::string_view name, const Value &subject,
               CallArguments arguments);
  bool test(std::string_view name, const Value &subject,
            CallArguments arguments);

private:
  enum class Flow { Next, Break, Continue };

  // Statements.
  Flow execute(const Body &body);
  Flow execute(const Statement &statement);
  Flow executeIf(const Statement &statement);
  Flow executeFor(const Statement &statement);
  Flow executeWith(const Statement &statement);
  Flow executeSetBlock(const Statement &statement);
  Flow executeFilterBlock(const Statement &statement);
  void executeCallBlock(const Statement &statement);
  void output(const Expression &expression);
  void outputText(const Value &value);
  void assign(const Expression &target, const Value &value);
  void assignAttribute(const Expression &target, const Value &value);
  void requireNamespaces(const Expression &target);
  Value filterBlock(const Expression &filters, const Value &text);
  /// Runs a body that writes to a text of its own.
  Flow capture(const Body &body, std::string &out);

  // Loops.
  Flow runLoop(const Statement &statement, const Value &iterable,
               const std::shared_ptr<LoopObject> &loop);
  Flow runTurns(const Statement &statement, const NextFunction &next,
                const std::shared_ptr<LoopObject> &loop, bool &isEmpty);
  Value renderRecursive(const Statement &statement, Activation *outer,
                        const Value &iterable, int64_t depth0);
  NextFunction filtered(const Statement &statement, const Value &iterable);
  Value targetValue(const Expression &target);

  // Calls.
  Value callMacro(const MacroObject &macro, CallArguments arguments);
  void bindMacro(const MacroObject &macro, CallArguments &arguments);
  Value callLoop(const LoopObject &loop, CallArguments arguments);
  Value callNative(const Native &native, const Value &self,
                   CallArguments arguments);
  CallArguments evaluateArguments(const Arguments &arguments);

  // Expressions.
  Value evaluate(const Expression &expression);
  Value evaluateBinary(const Expression &expression);
  Value evaluateCompare(const Expression &expression);
  Value evaluateSlice(const Value &value, const Expression &slice);
  Value evaluateCall(const Expression &expression);
  Value evaluateFilter(const Expression &expression);
  Value evaluateDict(const Expression &expression);
  Value evaluateConcat(const Expression &expression);
  Value evaluateCondition(const Expression &expression);
  std::vector<Value> evaluateAll(const std::vector<ExpressionPtr> &list);

  // Variables.
  Value &variable(const Reference &reference);
  Value load(const Expression &name);
  Value resolve(const std::string &name);
  void enter(const Frame &frame);
  void leave(const Frame &frame);

  /// Makes an activation current, while it lives.
  class Running;

  Heap &heap_;
  const Variables &variables_;
  const std::tm &now_;
  TextBuilder *out_ = nullptr;
  Activation *current_ = nullptr;
  int line_ = 0;
  std::vector<std::unique_ptr<Activation>> kept_;
};

/// When a call is over, its activation goes, unless something keeps it.
class Interpreter::Running {
public:
  Running(Interpreter &interpreter, Activation *outer, unsigned slots);
  ~Running();
  Running(const Running &) = delete;
  Running &operator=(const Running &) = delete;
  Activation *activation() { return activation_.get(); }

private:
  Interpreter &interpreter_;
  Activation *before_;
  std::unique_ptr<Activation> activation_;
  size_t bytes_;
};

} // namespace llmc::jinja

#endif
