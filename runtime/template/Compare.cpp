// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Compare.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Iterate.h"
#include "runtime/template/Print.h"
#include "runtime/template/Text.h"
#include <cmath>
#include <compare>

namespace llmc::jinja {

namespace {

std::partial_ordering compareIntFloat(int64_t left, double right) {
  constexpr double beyond = 9223372036854775808.0; // 2^63
  if (std::isnan(right))
    return std::partial_ordering::unordered;
  if (right >= beyond)
    return std::partial_ordering::less;
  if (right < -beyond)
    return std::partial_ordering::greater;
  auto whole = static_cast<int64_t>(right);
  if (left != whole)
    return left <=> whole;
  return 0.0 <=> right - static_cast<double>(whole);
}

/// Exact, also where an int has no float.
std::partial_ordering compareNumbers(const Value &left, const Value &right) {
  if (left.isInteger() && right.isInteger())
    return left.integer() <=> right.integer();
  if (left.isInteger())
    return compareIntFloat(left.integer(), right.real());
  if (right.isInteger())
    return 0 <=> compareIntFloat(right.integer(), left.real());
  return left.real() <=> right.real();
}

bool equalSequences(Heap &heap, const Value &left, const Value &right) {
  const auto &a = left.as<SequenceObject>().items;
  const auto &b = right.as<SequenceObject>().items;
  if (a.size() != b.size())
    return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (!areEqual(heap, a[i], b[i]))
      return false;
  return true;
}

bool equalDicts(Heap &heap, const Value &left, const Value &right) {
  const auto &a = left.as<DictObject>();
  const auto &b = right.as<DictObject>();
  if (a.entries.size() != b.entries.size())
    return false;
  for (const auto &[key, value] : a.entries) {
    const Value *other = findEntry(heap, b, key);
    if (!other || !areEqual(heap, value, *other))
      return false;
  }
  return true;
}

/// Views of keys and of items are equal as sets.
bool equalViews(Heap &heap, const Value &left, const Value &right) {
  const auto &a = left.as<ViewObject>(), &b = right.as<ViewObject>();
  if (a.part == ViewObject::Values || b.part == ViewObject::Values ||
      lengthOf(left) != lengthOf(right))
    return false;
  Cursor cursor(heap, left);
  for (Value item; cursor.next(item);)
    if (!contains(heap, right, item))
      return false;
  return true;
}

bool equalRanges(const RangeObject &a, const RangeObject &b) {
  int64_t size = a.size();
  return size == b.size() && (size == 0 || a.start == b.start) &&
         (size <= 1 || a.step == b.step);
}

[[noreturn]] void failOrder(Operator order, const Value &left,
                            const Value &right) {
  const char *sign = order == Operator::Less        ? "<"
                     : order == Operator::LessEqual ? "<="
                     : order == Operator::Greater   ? ">"
                                                    : ">=";
  fail("'{}' not supported between instances of '{}' and '{}'", sign,
       typeName(left), typeName(right));
}

bool holds(Operator order, std::partial_ordering ordering) {
  switch (order) {
  case Operator::Less:
    return ordering < 0;
  case Operator::LessEqual:
    return ordering <= 0;
  case Operator::Greater:
    return ordering > 0;
  default:
    return ordering >= 0;
  }
}

bool textContains(Heap &heap, const Value &container, const Value &item) {
  if (!item.isText())
    fail("'in <string>' requires string as left operand, not {}",
         typeName(item));
  heap.stepBytes(container.text().size());
  return findText(container.text(), item.text()) != std::string_view::npos;
}

} // namespace

bool areSame(const Value &left, const Value &right) {
  if (left.kind() != right.kind())
    return false;
  switch (left.kind()) {
  case Kind::None:
    return true;
  case Kind::Bool:
  case Kind::Int:
    return left.integer() == right.integer();
  case Kind::Float:
    return left.real() == right.real();
  default:
    return left.object() == right.object();
  }
}

bool areEqual(Heap &heap, const Value &left, const Value &right) {
  heap.step();
  if (left.isNumber() && right.isNumber())
    return compareNumbers(left, right) == 0;
  if (left.kind() != right.kind())
    return false;
  if (left.object() == right.object())
    return true;
  switch (left.kind()) {
  case Kind::Text:
    heap.stepBytes(left.text().size());
    return left.text() == right.text();
  case Kind::List:
  case Kind::Tuple: {
    Heap::Level level = heap.nest();
    return equalSequences(heap, left, right);
  }
  case Kind::Dict: {
    Heap::Level level = heap.nest();
    return equalDicts(heap, left, right);
  }
  case Kind::Range:
    return equalRanges(left.as<RangeObject>(), right.as<RangeObject>());
  case Kind::View: {
    Heap::Level level = heap.nest();
    return equalViews(heap, left, right);
  }
  case Kind::Undefined:
    return true;
  default:
    return false;
  }
}

bool isOrdered(Heap &heap, Operator order, const Value &left,
               const Value &right) {
  heap.step();
  if (left.isNumber() && right.isNumber())
    return holds(order, compareNumbers(left, right));
  requireDefined(left);
  requireDefined(right);
  if (left.isText() && right.isText()) {
    heap.stepBytes(std::min(left.text().size(), right.text().size()));
    // The order of UTF-8 is that of its code points.
    return holds(order, left.text() <=> right.text());
  }
  if (!left.isSequence() || left.kind() != right.kind())
    failOrder(order, left, right);
  Heap::Level level = heap.nest();
  const auto &a = left.as<SequenceObject>().items;
  const auto &b = right.as<SequenceObject>().items;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (!areEqual(heap, a[i], b[i]))
      return isOrdered(heap, order, a[i], b[i]);
  return holds(order, a.size() <=> b.size());
}

bool contains(Heap &heap, const Value &container, const Value &item) {
  if (container.isText())
    return textContains(heap, container, item);
  if (container.is(Kind::Dict))
    return findEntry(heap, container.as<DictObject>(), item);
  if (container.is(Kind::View) &&
      container.as<ViewObject>().part == ViewObject::Keys)
    return findEntry(heap, container.as<ViewObject>().dict.as<DictObject>(),
                     item);
  if (!isIterable(container))
    fail("argument of type '{}' is not iterable", typeName(container));
  Cursor cursor(heap, container);
  for (Value value; cursor.next(value);)
    if (areEqual(heap, value, item))
      return true;
  return false;
}

} // namespace llmc::jinja
