// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Operators.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Print.h"
#include <cmath>
#include <optional>

namespace llmc::jinja {

namespace {

const char *signOf(Operator op) {
  constexpr const char *signs[] = {"+", "-", "*", "/", "//", "%", "**"};
  return signs[static_cast<size_t>(op)];
}

[[noreturn]] void failTypes(Operator op, const Value &left,
                            const Value &right) {
  fail("unsupported operand type(s) for {}: '{}' and '{}'", signOf(op),
       typeName(left), typeName(right));
}

[[noreturn]] void failBigInteger() { unsupported("an integer beyond 64 bits"); }

int64_t floorDivide(int64_t a, int64_t b) {
  if (a == INT64_MIN && b == -1)
    failBigInteger();
  int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

int64_t modulo(int64_t a, int64_t b) {
  if (b == -1)
    return 0;
  int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/// Python's float %: the rest has the sign of the divisor.
double modulo(double a, double b) {
  double rest = std::fmod(a, b);
  if (rest == 0)
    return std::copysign(0.0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

double floorDivide(double a, double b) {
  double rest = std::fmod(a, b), quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0))
    quotient -= 1;
  if (quotient == 0)
    return std::copysign(0.0, a / b);
  double whole = std::floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

int64_t power(int64_t base, int64_t exponent) {
  int64_t result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) && __builtin_mul_overflow(result, base, &result))
      failBigInteger();
    if (exponent > 1 && __builtin_mul_overflow(base, base, &base))
      failBigInteger();
  }
  return result;
}

double power(double base, double exponent) {
  if (base == 0 && exponent < 0)
    fail("0.0 cannot be raised to a negative power");
  if (base < 0 && std::isfinite(base) && std::isfinite(exponent) &&
      std::floor(exponent) != exponent)
    unsupported("a complex number");
  double result = std::pow(base, exponent);
  if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent))
    fail("Numerical result out of range");
  return result;
}

/// A quotient of integers, rounded once.
double divide(int64_t a, int64_t b) {
  return static_cast<double>(static_cast<long double>(a) /
                             static_cast<long double>(b));
}

void requireDivisor(Operator op, const Value &right) {
  bool divides = op == Operator::Divide || op == Operator::FloorDivide ||
                 op == Operator::Modulo;
  if (divides && right.real() == 0)
    fail("division by zero");
}

Value onIntegers(Operator op, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflows = false;
  switch (op) {
  case Operator::Add:
    overflows = __builtin_add_overflow(a, b, &result);
    break;
  case Operator::Subtract:
    overflows = __builtin_sub_overflow(a, b, &result);
    break;
  case Operator::Multiply:
    overflows = __builtin_mul_overflow(a, b, &result);
    break;
  case Operator::Divide:
    return Value::real(divide(a, b));
  case Operator::FloorDivide:
    result = floorDivide(a, b);
    break;
  case Operator::Modulo:
    result = modulo(a, b);
    break;
  default:
    if (b < 0)
      return Value::real(power(static_cast<double>(a), static_cast<double>(b)));
    result = power(a, b);
  }
  if (overflows)
    failBigInteger();
  return Value::integer(result);
}

Value onFloats(Operator op, double a, double b) {
  switch (op) {
  case Operator::Add:
    return Value::real(a + b);
  case Operator::Subtract:
    return Value::real(a - b);
  case Operator::Multiply:
    return Value::real(a * b);
  case Operator::Divide:
    return Value::real(a / b);
  case Operator::FloorDivide:
    return Value::real(floorDivide(a, b));
  case Operator::Modulo:
    return Value::real(modulo(a, b));
  default:
    return Value::real(power(a, b));
  }
}

/// Of a text that is markup and one that is not, the latter is escaped.
std::string joined(const Value &text, bool asMarkup) {
  bool isMarkup = text.as<TextObject>().isMarkup;
  return asMarkup && !isMarkup ? escapeMarkup(text.text())
                               : std::string(text.text());
}

Value addTexts(Heap &heap, const Value &left, const Value &right) {
  bool isMarkup =
      left.as<TextObject>().isMarkup || right.as<TextObject>().isMarkup;
  Heap::checkText(left.text().size() + right.text().size());
  return heap.text(joined(left, isMarkup) + joined(right, isMarkup), isMarkup);
}

Value addSequences(Heap &heap, const Value &left, const Value &right) {
  const auto &a = left.as<SequenceObject>().items;
  const auto &b = right.as<SequenceObject>().items;
  heap.checkItems(a.size() + b.size());
  std::vector<Value> items(a);
  items.insert(items.end(), b.begin(), b.end());
  return left.is(Kind::List) ? heap.list(std::move(items))
                             : heap.tuple(std::move(items));
}

Value repeat(Heap &heap, const Value &value, int64_t count) {
  auto times = static_cast<uint64_t>(std::max<int64_t>(count, 0));
  if (value.isText()) {
    TextBuilder out(heap);
    out.repeat(value.text(), times);
    return out.finish(value.as<TextObject>().isMarkup);
  }
  const auto &items = value.as<SequenceObject>().items;
  uint64_t total = 0;
  if (__builtin_mul_overflow(times, items.size(), &total))
    total = UINT64_MAX;
  heap.checkItems(total);
  std::vector<Value> out;
  for (uint64_t i = 0; i < times && !items.empty(); ++i) {
    heap.step();
    out.insert(out.end(), items.begin(), items.end());
  }
  return value.is(Kind::List) ? heap.list(std::move(out))
                              : heap.tuple(std::move(out));
}

bool isRepeatable(const Value &value) {
  return value.isText() || value.isSequence();
}

} // namespace

Value arithmetic(Heap &heap, Operator op, const Value &left,
                 const Value &right) {
  if (op == Operator::Modulo && left.isText())
    return formatPercent(heap, left, right);
  requireDefined(left);
  requireDefined(right);
  if (left.isNumber() && right.isNumber()) {
    requireDivisor(op, right);
    return left.isInteger() && right.isInteger()
               ? onIntegers(op, left.integer(), right.integer())
               : onFloats(op, left.real(), right.real());
  }
  if (op == Operator::Add && left.isText() && right.isText())
    return addTexts(heap, left, right);
  if (op == Operator::Add && left.isSequence() && left.kind() == right.kind())
    return addSequences(heap, left, right);
  if (op == Operator::Multiply && isRepeatable(left) && right.isInteger())
    return repeat(heap, left, right.integer());
  if (op == Operator::Multiply && left.isInteger() && isRepeatable(right))
    return repeat(heap, right, left.integer());
  failTypes(op, left, right);
}

Value negative(const Value &value) {
  requireDefined(value);
  if (value.is(Kind::Float))
    return Value::real(-value.real());
  if (!value.isInteger())
    fail("bad operand type for unary -: '{}'", typeName(value));
  if (value.integer() == INT64_MIN)
    failBigInteger();
  return Value::integer(-value.integer());
}

Value positive(const Value &value) {
  requireDefined(value);
  if (!value.isNumber())
    fail("bad operand type for unary +: '{}'", typeName(value));
  return value.is(Kind::Float) ? value : Value::integer(value.integer());
}

std::string escapeMarkup(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '\'':
      out += "&#39;";
      break;
    case '"':
      out += "&#34;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

Value toInteger(double value) {
  if (std::isnan(value))
    fail("cannot convert float NaN to integer");
  if (std::isinf(value))
    fail("cannot convert float infinity to integer");
  constexpr double beyond = 9223372036854775808.0; // 2^63
  double whole = std::trunc(value);
  if (whole >= beyond || whole < -beyond)
    failBigInteger();
  return Value::integer(static_cast<int64_t>(whole));
}

} // namespace llmc::jinja
