// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Access.h"
#include "runtime/template/Ast.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Functions.h"
#include "runtime/template/Iterate.h"
#include "runtime/template/Print.h"
#include "runtime/template/Text.h"

namespace llmc::jinja {

namespace {

/// What Python gives every object: its class and more, which lead to the
/// interpreter's own objects. No template needs it, so it is refused at once.
void refuseInternal(const Value &value, std::string_view name) {
  if (name.starts_with("__") && name.ends_with("__"))
    fail("access to attribute {} of '{}' object is unsafe.", quoted(name),
         typeName(value));
}

std::optional<Value> macroAttribute(Heap &heap, const Value &value,
                                    std::string_view name) {
  const Statement &s = *value.as<MacroObject>().statement;
  bool isMacro = s.kind == Statement::Kind::Macro;
  if (name == "name")
    return isMacro ? heap.text(s.name) : Value::none();
  if (name == "catch_kwargs")
    return Value::boolean(s.macro.takesNamed);
  if (name == "catch_varargs")
    return Value::boolean(s.macro.takesMore);
  if (name == "caller")
    return Value::boolean(s.macro.takesCaller);
  if (name != "arguments")
    return std::nullopt;
  std::vector<Value> names;
  for (const ExpressionPtr &parameter : s.parameters)
    names.push_back(heap.text(parameter->name));
  return heap.tuple(std::move(names));
}

std::optional<Value> dataAttribute(Heap &heap, const Value &value,
                                   std::string_view name) {
  switch (value.kind()) {
  case Kind::Namespace:
    if (const Value *found = value.as<NamespaceObject>().find(name))
      return *found;
    return std::nullopt;
  case Kind::Loop:
    return loopAttribute(heap, value, name);
  case Kind::Macro:
    return macroAttribute(heap, value, name);
  case Kind::Tuple:
    if (value.as<SequenceObject>().isGroup && name == "grouper")
      return value.as<SequenceObject>().items[0];
    if (value.as<SequenceObject>().isGroup && name == "list")
      return value.as<SequenceObject>().items[1];
    return std::nullopt;
  case Kind::Range:
    if (name == "start")
      return Value::integer(value.as<RangeObject>().start);
    if (name == "stop")
      return Value::integer(value.as<RangeObject>().stop);
    if (name == "step")
      return Value::integer(value.as<RangeObject>().step);
    return std::nullopt;
  case Kind::Cycler:
    if (name == "current")
      return value.as<CyclerObject>().items[value.as<CyclerObject>().position];
    return std::nullopt;
  default:
    return std::nullopt;
  }
}

std::optional<Value> attribute(Heap &heap, const Value &value,
                               std::string_view name) {
  if (std::optional<Value> found = dataAttribute(heap, value, name))
    return found;
  if (const Native *method = findMethod(value, name))
    return heap.method(value, method);
  if (isMutator(value, name))
    return heap.undefined(
        fmt::format("access to attribute {} of '{}' object is unsafe.",
                    quoted(name), typeName(value)));
  return std::nullopt;
}

/// A place in a text, a sequence or a range; none where it has no such place.
std::optional<Value> itemByPlace(Heap &heap, const Value &value,
                                 const Value &key) {
  if (!key.isInteger())
    return std::nullopt;
  int64_t length = *lengthOf(value), place = key.integer();
  if (place < 0)
    place += length;
  if (place < 0 || place >= length)
    return std::nullopt;
  return itemAt(heap, value, place);
}

std::optional<Value> item(Heap &heap, const Value &value, const Value &key) {
  switch (value.kind()) {
  case Kind::Text:
  case Kind::List:
  case Kind::Tuple:
  case Kind::Range:
    return itemByPlace(heap, value, key);
  case Kind::Dict: {
    bool isKey =
        !key.is(Kind::List) && !key.is(Kind::Dict) && !key.is(Kind::View);
    const Value *found =
        isKey ? findEntry(heap, value.as<DictObject>(), key) : nullptr;
    return found ? std::optional(*found) : std::nullopt;
  }
  default:
    return std::nullopt;
  }
}

Value missing(Heap &heap, const Value &value, std::string_view name) {
  return heap.undefined(
      fmt::format("'{}' has no attribute {}", describe(value), quoted(name)));
}

} // namespace

Value getAttribute(Heap &heap, const Value &value, std::string_view name) {
  heap.step();
  bool isInternal = name.starts_with("__") && name.ends_with("__");
  if (!isInternal)
    requireDefined(value);
  if (std::optional<Value> found = attribute(heap, value, name))
    return *found;
  if (value.is(Kind::Dict))
    if (const Value *found = findEntry(heap, value.as<DictObject>(), name))
      return *found;
  refuseInternal(value, name);
  return missing(heap, value, name);
}

Value getOwnAttribute(Heap &heap, const Value &value, std::string_view name) {
  refuseInternal(value, name);
  requireDefined(value);
  if (std::optional<Value> found = attribute(heap, value, name))
    return *found;
  return missing(heap, value, name);
}

Value getItem(Heap &heap, const Value &value, const Value &key) {
  heap.step();
  requireDefined(value);
  if (std::optional<Value> found = item(heap, value, key))
    return *found;
  if (!key.isText())
    return heap.undefined(
        fmt::format("{} has no element {}", describe(value),
                    key.isNumber() ? repr(heap, key) : describe(key)));
  if (std::optional<Value> found = attribute(heap, value, key.text()))
    return *found;
  refuseInternal(value, key.text());
  return missing(heap, value, key.text());
}

// Slices.

namespace {

std::optional<int64_t> bound(const Value &value) {
  if (value.isNone())
    return std::nullopt;
  requireDefined(value);
  if (!value.isInteger())
    fail("slice indices must be integers or None, not {}", typeName(value));
  return value.integer();
}

/// The places of a slice: from `start` in steps up to `stop`, `count` of them.
struct Places {
  int64_t start, stop, step, count;
};

/// As Python's slice.indices(): bounds from the end, and cut to the length.
Places placesOf(int64_t length, const Value &startValue, const Value &stopValue,
                const Value &stepValue) {
  int64_t step = bound(stepValue).value_or(1);
  if (step == 0)
    fail("slice step cannot be zero");
  step = std::max(step, -INT64_MAX);
  int64_t least = step > 0 ? 0 : -1, most = step > 0 ? length : length - 1;
  auto clamp = [&](int64_t place) {
    if (place < 0)
      return std::max(place + length, least);
    return std::min(place, most);
  };
  std::optional<int64_t> first = bound(startValue), last = bound(stopValue);
  int64_t start = first ? clamp(*first) : step > 0 ? least : most;
  int64_t stop = last ? clamp(*last) : step > 0 ? most : least;
  int64_t distance = step > 0 ? stop - start : start - stop;
  int64_t count =
      distance <= 0 ? 0 : (distance - 1) / (step > 0 ? step : -step) + 1;
  return {start, stop, step, count};
}

Value sliceOfText(Heap &heap, const Value &value, const Places &places) {
  const auto &text = value.as<TextObject>();
  heap.stepBytes(text.text.size());
  if (places.step == 1) {
    std::string_view rest = text.text;
    rest.remove_prefix(prefix(rest, size_t(places.start)).size());
    return heap.text(std::string(prefix(rest, size_t(places.count))),
                     text.isMarkup);
  }
  std::vector<Value> characters = collect(heap, value);
  TextBuilder out(heap);
  for (int64_t i = 0; i < places.count; ++i)
    out.append(characters[size_t(places.start + i * places.step)].text());
  return out.finish(text.isMarkup);
}

} // namespace

Value sliceOf(Heap &heap, const Value &value, const Value &start,
              const Value &stop, const Value &step) {
  requireDefined(value);
  bool canSlice = value.isText() || value.isSequence() || value.is(Kind::Range);
  if (!canSlice)
    fail("'{}' object cannot be sliced", typeName(value));
  Places places = placesOf(*lengthOf(value), start, stop, step);
  if (value.isText())
    return sliceOfText(heap, value, places);
  if (value.is(Kind::Range)) {
    const auto &range = value.as<RangeObject>();
    auto at = [&](int64_t place) {
      int64_t out = 0;
      if (__builtin_mul_overflow(place, range.step, &out) ||
          __builtin_add_overflow(range.start, out, &out))
        unsupported("a range beyond 64 bits");
      return out;
    };
    int64_t stride = 0;
    if (__builtin_mul_overflow(range.step, places.step, &stride))
      unsupported("a range beyond 64 bits");
    return heap.range(at(places.start), at(places.stop), stride);
  }
  std::vector<Value> items;
  heap.checkItems(size_t(places.count));
  for (int64_t i = 0; i < places.count; ++i) {
    heap.step();
    items.push_back(itemAt(heap, value, places.start + i * places.step));
  }
  return value.is(Kind::List) ? heap.list(std::move(items))
                              : heap.tuple(std::move(items));
}

} // namespace llmc::jinja
