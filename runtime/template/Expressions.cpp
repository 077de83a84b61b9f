// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Access.h"
#include "runtime/template/Compare.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Operators.h"
#include "runtime/template/Print.h"

namespace llmc::jinja {

using ExpressionKind = Expression::Kind;

Value Interpreter::evaluate(const Expression &e) {
  heap_.step();
  Heap::Level level = heap_.nest();
  line_ = e.line;
  switch (e.kind) {
  case ExpressionKind::Constant:
    return e.value;
  case ExpressionKind::Name:
    return load(e);
  case ExpressionKind::Tuple:
    return heap_.tuple(evaluateAll(e.children));
  case ExpressionKind::List:
    return heap_.list(evaluateAll(e.children));
  case ExpressionKind::Dict:
    return evaluateDict(e);
  case ExpressionKind::Negative:
    return negative(evaluate(*e.children[0]));
  case ExpressionKind::Positive:
    return positive(evaluate(*e.children[0]));
  case ExpressionKind::Not:
    return Value::boolean(!isTrue(evaluate(*e.children[0])));
  case ExpressionKind::Binary:
    return evaluateBinary(e);
  case ExpressionKind::And: {
    Value left = evaluate(*e.children[0]);
    return isTrue(left) ? evaluate(*e.children[1]) : left;
  }
  case ExpressionKind::Or: {
    Value left = evaluate(*e.children[0]);
    return isTrue(left) ? left : evaluate(*e.children[1]);
  }
  case ExpressionKind::Concat:
    return evaluateConcat(e);
  case ExpressionKind::Compare:
    return evaluateCompare(e);
  case ExpressionKind::Member:
    return getAttribute(heap_, evaluate(*e.children[0]), e.text);
  case ExpressionKind::Item: {
    Value left = evaluate(*e.children[0]);
    if (e.children[1]->kind == ExpressionKind::Slice)
      return evaluateSlice(left, *e.children[1]);
    return getItem(heap_, left, evaluate(*e.children[1]));
  }
  case ExpressionKind::Call:
    return evaluateCall(e);
  case ExpressionKind::Filter:
    return evaluateFilter(e);
  case ExpressionKind::Test: {
    Value subject = evaluate(*e.children[0]);
    CallArguments arguments = evaluateArguments(e.arguments);
    return Value::boolean(test(e.text, subject, std::move(arguments)));
  }
  case ExpressionKind::Condition:
    return evaluateCondition(e);
  case ExpressionKind::Attribute: // only a target
  case ExpressionKind::Slice:     // only an Item's
    break;
  }
  return Value();
}

std::vector<Value>
Interpreter::evaluateAll(const std::vector<ExpressionPtr> &list) {
  std::vector<Value> out;
  out.reserve(list.size());
  for (const ExpressionPtr &expression : list)
    out.push_back(evaluate(*expression));
  return out;
}

Value Interpreter::evaluateDict(const Expression &e) {
  DictBuilder out(heap_);
  for (size_t i = 0; i < e.children.size(); i += 2) {
    Value key = evaluate(*e.children[i]);
    out.set(key, evaluate(*e.children[i + 1]));
  }
  return out.finish();
}

Value Interpreter::evaluateBinary(const Expression &e) {
  Value left = evaluate(*e.children[0]);
  Value right = evaluate(*e.children[1]);
  line_ = e.line;
  return arithmetic(heap_, e.operators[0], left, right);
}

Value Interpreter::evaluateConcat(const Expression &e) {
  std::vector<Value> parts = evaluateAll(e.children);
  TextBuilder out(heap_);
  for (const Value &part : parts)
    print(out, heap_, part);
  return out.finish();
}

static bool holds(Heap &heap, Operator op, const Value &left,
                  const Value &right) {
  switch (op) {
  case Operator::Equal:
    return areEqual(heap, left, right);
  case Operator::NotEqual:
    return !areEqual(heap, left, right);
  case Operator::In:
    return contains(heap, right, left);
  case Operator::NotIn:
    return !contains(heap, right, left);
  default:
    return isOrdered(heap, op, left, right);
  }
}

Value Interpreter::evaluateCompare(const Expression &e) {
  Value left = evaluate(*e.children[0]);
  for (size_t i = 0; i < e.operators.size(); ++i) {
    Value right = evaluate(*e.children[i + 1]);
    line_ = e.line;
    if (!holds(heap_, e.operators[i], left, right))
      return Value::boolean(false);
    left = std::move(right);
  }
  return Value::boolean(true);
}

Value Interpreter::evaluateSlice(const Value &value, const Expression &slice) {
  Value parts[3];
  for (size_t i = 0; i < 3; ++i)
    parts[i] = slice.children[i] ? evaluate(*slice.children[i]) : Value::none();
  line_ = slice.line;
  return sliceOf(heap_, value, parts[0], parts[1], parts[2]);
}

Value Interpreter::evaluateCondition(const Expression &e) {
  if (isTrue(evaluate(*e.children[0])))
    return evaluate(*e.children[1]);
  if (e.children[2])
    return evaluate(*e.children[2]);
  return heap_.undefined("the inline if-expression evaluated to false and no "
                         "else section was defined.");
}

Value Interpreter::evaluateFilter(const Expression &e) {
  Value subject = evaluate(*e.children[0]);
  CallArguments arguments = evaluateArguments(e.arguments);
  line_ = e.line;
  return filter(e.text, subject, std::move(arguments));
}

Value Interpreter::evaluateCall(const Expression &e) {
  Value callee = evaluate(*e.children[0]);
  CallArguments arguments = evaluateArguments(e.arguments);
  line_ = e.line;
  return call(callee, std::move(arguments));
}

CallArguments Interpreter::evaluateArguments(const Arguments &arguments) {
  CallArguments out;
  out.positional = evaluateAll(arguments.positional);
  for (const auto &[name, value] : arguments.named)
    out.named.emplace_back(name, evaluate(*value));
  if (arguments.list)
    for (Value &item : collect(heap_, evaluate(*arguments.list)))
      out.positional.push_back(std::move(item));
  if (!arguments.dict)
    return out;
  Value dict = evaluate(*arguments.dict);
  if (!dict.is(Kind::Dict))
    fail("argument after ** must be a mapping, not {}", typeName(dict));
  for (const auto &[key, value] : dict.as<DictObject>().entries) {
    heap_.step(1 + arguments.named.size());
    if (!key.isText())
      fail("keywords must be strings");
    for (const auto &[name, other] : arguments.named)
      if (name == key.text())
        fail("got multiple values for keyword argument {}", quoted(name));
    out.named.emplace_back(key.text(), value);
  }
  return out;
}

} // namespace llmc::jinja
