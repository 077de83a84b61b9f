// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Failure.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Print.h"

namespace llmc::jinja {

Interpreter::Interpreter(Heap &heap, const Variables &variables,
                         const std::tm &now)
    : heap_(heap), variables_(variables), now_(now) {}

Interpreter::Running::Running(Interpreter &interpreter, Activation *outer,
                              unsigned slots)
    : interpreter_(interpreter), before_(interpreter.current_),
      activation_(std::make_unique<Activation>()),
      bytes_(sizeof(Activation) + slots * sizeof(Value)) {
  interpreter.heap_.step(1 + slots / 16);
  interpreter.heap_.hold(bytes_);
  activation_->outer = outer;
  activation_->slots.resize(slots);
  interpreter.current_ = activation_.get();
}

Interpreter::Running::~Running() {
  interpreter_.current_ = before_;
  if (activation_->isKept)
    interpreter_.kept_.push_back(std::move(activation_));
  else
    interpreter_.heap_.release(bytes_);
}

std::string Interpreter::render(const TemplateTree &tree) {
  TextBuilder out(heap_);
  out_ = &out;
  Running running(*this, nullptr, tree.slots);
  enter(tree.frame);
  execute(tree.body);
  return out.take();
}

// Variables.

Value &Interpreter::variable(const Reference &reference) {
  Activation *activation = current_;
  for (unsigned i = 0; i < reference.hops; ++i)
    activation = activation->outer;
  return activation->slots[reference.slot];
}

Value Interpreter::load(const Expression &name) {
  const Value &value = variable(name.reference);
  if (value.isMissing())
    return heap_.undefined(quoted(name.name) + " is undefined");
  return value;
}

/// A variable that the template does not define.
Value Interpreter::resolve(const std::string &name) {
  if (auto found = variables_.find(name); found != variables_.end())
    return found->second;
  const Native *native = findGlobal(name);
  if (!native)
    return Value();
  auto object = std::make_shared<FunctionObject>();
  heap_.adopt(*object, sizeof(FunctionObject), 0);
  object->native = native;
  return Value(Kind::Function, std::move(object));
}

void Interpreter::enter(const Frame &frame) {
  for (const FrameVariable &item : frame.variables) {
    switch (item.source) {
    case FrameVariable::Parameter:
      break;
    case FrameVariable::Context:
      current_->slots[item.slot] = resolve(item.name);
      break;
    case FrameVariable::Outer:
      current_->slots[item.slot] = variable(item.outer);
      break;
    case FrameVariable::Nothing:
      current_->slots[item.slot] = Value();
      break;
    }
  }
}

void Interpreter::leave(const Frame &frame) {
  for (const FrameVariable &item : frame.variables)
    current_->slots[item.slot] = Value();
}

// Statements.

Interpreter::Flow Interpreter::execute(const Body &body) {
  for (const StatementPtr &statement : body)
    if (Flow flow = execute(*statement); flow != Flow::Next)
      return flow;
  return Flow::Next;
}

Interpreter::Flow Interpreter::execute(const Statement &s) {
  heap_.step();
  Heap::Level level = heap_.nest();
  line_ = s.line;
  switch (s.kind) {
  case Statement::Kind::Output:
    for (const ExpressionPtr &expression : s.expressions)
      output(*expression);
    return Flow::Next;
  case Statement::Kind::If:
    return executeIf(s);
  case Statement::Kind::For:
    return executeFor(s);
  case Statement::Kind::Set:
    requireNamespaces(*s.target);
    assign(*s.target, evaluate(*s.expressions[0]));
    return Flow::Next;
  case Statement::Kind::SetBlock:
    return executeSetBlock(s);
  case Statement::Kind::Macro:
    current_->isKept = true;
    variable(s.reference) = heap_.macro(&s, current_);
    return Flow::Next;
  case Statement::Kind::Call:
  case Statement::Kind::Generation:
    executeCallBlock(s);
    return Flow::Next;
  case Statement::Kind::Filter:
    return executeFilterBlock(s);
  case Statement::Kind::With:
    return executeWith(s);
  case Statement::Kind::Break:
    return Flow::Break;
  case Statement::Kind::Continue:
    return Flow::Continue;
  }
  return Flow::Next;
}

void Interpreter::output(const Expression &expression) {
  if (expression.kind == Expression::Kind::Constant)
    print(*out_, heap_, expression.value);
  else
    print(*out_, heap_, evaluate(expression));
}

/// Jinja2 joins what blocks make, which only texts can be.
void Interpreter::outputText(const Value &value) {
  if (!value.isText())
    fail("a block has to give a text, not {}", typeName(value));
  out_->append(value.text());
}

Interpreter::Flow Interpreter::executeIf(const Statement &s) {
  for (size_t i = 0; i < s.expressions.size(); ++i)
    if (isTrue(evaluate(*s.expressions[i])))
      return execute(s.bodies[i]);
  return s.bodies.size() > s.expressions.size() ? execute(s.bodies.back())
                                                : Flow::Next;
}

Interpreter::Flow Interpreter::capture(const Body &body, std::string &out) {
  TextBuilder inner(heap_);
  TextBuilder *before = std::exchange(out_, &inner);
  Flow flow = execute(body);
  out_ = before;
  out = inner.take();
  return flow;
}

Interpreter::Flow Interpreter::executeSetBlock(const Statement &s) {
  enter(s.frame);
  std::string text;
  if (Flow flow = capture(s.bodies[0], text); flow != Flow::Next)
    return flow;
  Value value = heap_.text(std::move(text));
  if (s.filter)
    value = filterBlock(*s.filter, value);
  requireNamespaces(*s.target);
  assign(*s.target, value);
  leave(s.frame);
  return Flow::Next;
}

Interpreter::Flow Interpreter::executeFilterBlock(const Statement &s) {
  enter(s.frame);
  std::string text;
  if (Flow flow = capture(s.bodies[0], text); flow != Flow::Next)
    return flow;
  outputText(filterBlock(*s.filter, heap_.text(std::move(text))));
  leave(s.frame);
  return Flow::Next;
}

/// Applies filters whose innermost one has a text instead of an expression.
Value Interpreter::filterBlock(const Expression &filters, const Value &text) {
  heap_.step();
  Heap::Level level = heap_.nest();
  Value subject =
      filters.children[0] ? filterBlock(*filters.children[0], text) : text;
  CallArguments arguments = evaluateArguments(filters.arguments);
  line_ = filters.line;
  return filter(filters.text, subject, std::move(arguments));
}

Interpreter::Flow Interpreter::executeWith(const Statement &s) {
  enter(s.frame);
  for (size_t i = 0; i < s.targets.size(); ++i)
    assign(*s.targets[i], evaluate(*s.expressions[i]));
  Flow flow = execute(s.bodies[0]);
  leave(s.frame);
  return flow;
}

// Assignments.

void Interpreter::requireNamespaces(const Expression &target) {
  if (target.kind == Expression::Kind::Attribute &&
      !load(target).is(Kind::Namespace))
    fail("cannot assign attribute on non-namespace object");
  for (const ExpressionPtr &child : target.children)
    requireNamespaces(*child);
}

void Interpreter::assign(const Expression &target, const Value &value) {
  if (target.kind == Expression::Kind::Name) {
    variable(target.reference) = value;
    return;
  }
  if (target.kind == Expression::Kind::Attribute) {
    assignAttribute(target, value);
    return;
  }
  requireDefined(value);
  if (!isIterable(value))
    fail("cannot unpack non-iterable {} object", typeName(value));
  Cursor cursor(heap_, value);
  Value item;
  for (const ExpressionPtr &child : target.children) {
    if (!cursor.next(item))
      fail("not enough values to unpack (expected {})", target.children.size());
    assign(*child, item);
  }
  if (cursor.next(item))
    fail("too many values to unpack (expected {})", target.children.size());
}

void Interpreter::assignAttribute(const Expression &target,
                                  const Value &value) {
  const auto &space = variable(target.reference).as<NamespaceObject>();
  heap_.step(1 + space.attributes.size() / 16);
  for (auto &[name, attribute] : space.attributes)
    if (name == target.text) {
      attribute = value;
      return;
    }
  heap_.grow(const_cast<NamespaceObject &>(space),
             sizeof(Value) + target.text.size());
  space.attributes.emplace_back(target.text, value);
}

} // namespace llmc::jinja
