// SPDX-License-Identifier: Apache-2.0
// What stands behind `is`.
#include "runtime/template/Compare.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Functions.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Operators.h"
#include "runtime/template/Print.h"
#include "runtime/template/Text.h"

namespace llmc::jinja {

namespace {

template <bool (*F)(const Value &)>
Value check(Interpreter &, const Value &self, Bound &) {
  return Value::boolean(F(self));
}

bool isDefined(const Value &v) { return !v.isUndefined(); }
bool isUndefined(const Value &v) { return v.isUndefined(); }
bool isNone(const Value &v) { return v.isNone(); }
bool isBoolean(const Value &v) { return v.is(Kind::Bool); }
bool isFalse(const Value &v) { return v.is(Kind::Bool) && !v.boolean(); }
bool isTrueItself(const Value &v) { return v.is(Kind::Bool) && v.boolean(); }
bool isInt(const Value &v) { return v.is(Kind::Int); }
bool isFloat(const Value &v) { return v.is(Kind::Float); }
bool isNumber(const Value &v) { return v.isNumber(); }
bool isString(const Value &v) { return v.isText(); }
bool isMapping(const Value &v) { return v.is(Kind::Dict); }
bool isEscaped(const Value &v) {
  return v.isText() && v.as<TextObject>().isMarkup;
}
bool isSequence(const Value &v) {
  return v.isUndefined() || v.isText() || v.isSequence() || v.is(Kind::Dict) ||
         v.is(Kind::Range);
}
bool canIterate(const Value &v) { return isIterable(v) || v.is(Kind::Loop); }
bool isCallable(const Value &v) {
  switch (v.kind()) {
  case Kind::Undefined:
  case Kind::Function:
  case Kind::Method:
  case Kind::Macro:
  case Kind::Loop:
  case Kind::Joiner:
    return true;
  default:
    return false;
  }
}

template <int64_t rest>
Value hasRest(Interpreter &in, const Value &self, Bound &) {
  Value left = arithmetic(in.heap(), Operator::Modulo, self, Value::integer(2));
  return Value::boolean(areEqual(in.heap(), left, Value::integer(rest)));
}

Value divisibleBy(Interpreter &in, const Value &self, Bound &args) {
  Value left = arithmetic(in.heap(), Operator::Modulo, self, args[0]);
  return Value::boolean(areEqual(in.heap(), left, Value::integer(0)));
}

template <bool (*isWanted)(char32_t), bool (*isOther)(char32_t)>
Value hasCase(Interpreter &in, const Value &self, Bound &) {
  return Value::boolean(isOfCase(printed(in.heap(), self), isWanted, isOther));
}

/// Whether a name is one of those that `find` finds. Anything may be asked for
/// that a dict could have as a key.
template <const Native *(*find)(std::string_view)>
Value isNameOf(Interpreter &in, const Value &self, Bound &) {
  DictBuilder(in.heap()).set(self, Value::none());
  return Value::boolean(self.isText() && find(self.text()));
}

Value isSame(Interpreter &, const Value &self, Bound &args) {
  return Value::boolean(areSame(self, args[0]));
}

Value isIn(Interpreter &in, const Value &self, Bound &args) {
  return Value::boolean(contains(in.heap(), args[0], self));
}

Value isEqual(Interpreter &in, const Value &self, Bound &args) {
  return Value::boolean(areEqual(in.heap(), self, args[0]));
}

Value isUnequal(Interpreter &in, const Value &self, Bound &args) {
  return Value::boolean(!areEqual(in.heap(), self, args[0]));
}

template <Operator order>
Value compares(Interpreter &in, const Value &self, Bound &args) {
  return Value::boolean(isOrdered(in.heap(), order, self, args[0]));
}

constexpr Native table[] = {
    {"!=", "other/", isUnequal},
    {"<", "other/", compares<Operator::Less>},
    {"<=", "other/", compares<Operator::LessEqual>},
    {"==", "other/", isEqual},
    {">", "other/", compares<Operator::Greater>},
    {">=", "other/", compares<Operator::GreaterEqual>},
    {"boolean", "", check<isBoolean>},
    {"callable", "", check<isCallable>},
    {"defined", "", check<isDefined>},
    {"divisibleby", "num", divisibleBy},
    {"eq", "other/", isEqual},
    {"equalto", "other/", isEqual},
    {"escaped", "", check<isEscaped>},
    {"even", "", hasRest<0>},
    {"false", "", check<isFalse>},
    {"filter", "", isNameOf<findFilter>},
    {"float", "", check<isFloat>},
    {"ge", "other/", compares<Operator::GreaterEqual>},
    {"greaterthan", "other/", compares<Operator::Greater>},
    {"gt", "other/", compares<Operator::Greater>},
    {"in", "seq", isIn},
    {"integer", "", check<isInt>},
    {"iterable", "", check<canIterate>},
    {"le", "other/", compares<Operator::LessEqual>},
    {"lessthan", "other/", compares<Operator::Less>},
    {"lower", "", hasCase<isLower, isUpper>},
    {"lt", "other/", compares<Operator::Less>},
    {"mapping", "", check<isMapping>},
    {"ne", "other/", isUnequal},
    {"none", "", check<isNone>},
    {"number", "", check<isNumber>},
    {"odd", "", hasRest<1>},
    {"sameas", "other", isSame},
    {"sequence", "", check<isSequence>},
    {"string", "", check<isString>},
    {"test", "", isNameOf<findTest>},
    {"true", "", check<isTrueItself>},
    {"undefined", "", check<isUndefined>},
    {"upper", "", hasCase<isUpper, isLower>},
};

} // namespace

const Native *findTest(std::string_view name) {
  return findNative(table, name);
}

} // namespace llmc::jinja
