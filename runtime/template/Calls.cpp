// SPDX-License-Identifier: Apache-2.0
// Calls of what is callable: macros, call blocks, loops, what is built in.
#include "runtime/template/Failure.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Print.h"

namespace llmc::jinja {

Value Interpreter::callNative(const Native &native, const Value &self,
                              CallArguments arguments) {
  if (!native.function)
    unsupported("'{}' is not supported", native.name);
  Bound bound(heap_, native, std::move(arguments));
  return native.function(*this, self, bound);
}

Value Interpreter::filter(std::string_view name, const Value &subject,
                          CallArguments arguments) {
  const Native *native = findFilter(name);
  if (!native)
    fail("No filter named {}", quoted(name));
  return callNative(*native, subject, std::move(arguments));
}

bool Interpreter::test(std::string_view name, const Value &subject,
                       CallArguments arguments) {
  const Native *native = findTest(name);
  if (!native)
    fail("No test named {}", quoted(name));
  return isTrue(callNative(*native, subject, std::move(arguments)));
}

static Value callJoiner(const JoinerObject &joiner, Heap &heap) {
  if (std::exchange(joiner.isUsed, true))
    return joiner.separator;
  return heap.text("");
}

Value Interpreter::call(const Value &callee, CallArguments arguments) {
  heap_.step();
  requireDefined(callee);
  switch (callee.kind()) {
  case Kind::Function:
    return callNative(*callee.as<FunctionObject>().native, callee,
                      std::move(arguments));
  case Kind::Method: {
    const auto &method = callee.as<MethodObject>();
    return callNative(*method.native, method.self, std::move(arguments));
  }
  case Kind::Macro:
    return callMacro(callee.as<MacroObject>(), std::move(arguments));
  case Kind::Loop:
    return callLoop(callee.as<LoopObject>(), std::move(arguments));
  case Kind::Joiner:
    return callJoiner(callee.as<JoinerObject>(), heap_);
  default:
    fail("'{}' object is not callable", typeName(callee));
  }
}

static std::string_view macroName(const Statement &s) {
  return s.kind == Statement::Kind::Macro ? std::string_view(s.name) : "caller";
}

/// Puts arguments into the slots of the current activation; those that are not
/// given stay Missing.
void Interpreter::bindMacro(const MacroObject &macro,
                            CallArguments &arguments) {
  const Statement &s = *macro.statement;
  const MacroScope &scope = s.macro;
  std::vector<Value> &slots = current_->slots;
  size_t given = std::min(arguments.positional.size(), s.parameters.size());
  for (size_t i = 0; i < s.parameters.size(); ++i)
    slots[scope.arguments[i]] = i < given
                                    ? arguments.positional[i]
                                    : arguments.take(s.parameters[i]->name);
  if (scope.takesCaller) {
    Value caller = arguments.take("caller");
    bool isGiven = !caller.isMissing() && !caller.isNone();
    slots[scope.caller] =
        isGiven ? caller : heap_.undefined("No caller defined");
  }
  if (scope.takesNamed) {
    DictBuilder named(heap_);
    for (const auto &[name, value] : arguments.named)
      named.set(heap_.text(name), value);
    slots[scope.named] = named.finish();
  } else if (!arguments.named.empty()) {
    fail("macro '{}' takes no keyword argument {}", macroName(s),
         quoted(arguments.named[0].first));
  }
  if (scope.takesMore)
    slots[scope.more] = heap_.tuple(
        {arguments.positional.begin() + static_cast<ptrdiff_t>(given),
         arguments.positional.end()});
  else if (arguments.positional.size() > given)
    fail("macro '{}' takes not more than {} argument(s)", macroName(s), given);
}

Value Interpreter::callMacro(const MacroObject &macro,
                             CallArguments arguments) {
  Heap::Level level = heap_.nest();
  const Statement &s = *macro.statement;
  const MacroScope &scope = s.macro;
  Running running(*this, macro.outer, scope.slots);
  bindMacro(macro, arguments);
  enter(scope.frame);
  size_t required = s.parameters.size() - s.defaults.size();
  for (size_t i = 0; i < s.parameters.size(); ++i) {
    Value &slot = current_->slots[scope.arguments[i]];
    if (!slot.isMissing())
      continue;
    if (i >= required)
      current_->slots[scope.arguments[i]] = evaluate(*s.defaults[i - required]);
    else
      slot = heap_.undefined(fmt::format("parameter {} was not provided",
                                         quoted(s.parameters[i]->name)));
  }
  std::string text;
  capture(s.bodies[0], text);
  return heap_.text(std::move(text));
}

void Interpreter::executeCallBlock(const Statement &s) {
  current_->isKept = true;
  Value caller = heap_.macro(&s, current_);
  if (s.kind == Statement::Kind::Generation) {
    outputText(call(caller, {}));
    return;
  }
  const Expression &call = *s.expressions[0];
  Value callee = evaluate(*call.children[0]);
  CallArguments arguments = evaluateArguments(call.arguments);
  for (const auto &[name, value] : arguments.named)
    if (name == "caller")
      fail("got multiple values for keyword argument 'caller'");
  arguments.named.emplace_back("caller", caller);
  line_ = call.line;
  outputText(this->call(callee, std::move(arguments)));
}

std::string describeMacro(const Value &value) {
  const Statement &s = *value.as<MacroObject>().statement;
  return s.kind == Statement::Kind::Macro ? fmt::format("<Macro '{}'>", s.name)
                                          : "<Macro anonymous>";
}

} // namespace llmc::jinja
