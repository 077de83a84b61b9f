// SPDX-License-Identifier: Apache-2.0
// Methods of everything but texts, and which method a name means.
#include "runtime/template/Compare.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Functions.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Print.h"
#include <algorithm>

namespace llmc::jinja {

namespace {

Value dictGet(Interpreter &in, const Value &self, Bound &args) {
  const Value *found = findEntry(in.heap(), self.as<DictObject>(), args[0]);
  if (found)
    return *found;
  return args.has(1) ? args[1] : Value::none();
}

template <ViewObject::Part part>
Value dictView(Interpreter &in, const Value &self, Bound &) {
  return in.heap().view(self, part);
}

Value itself(Interpreter &, const Value &self, Bound &) { return self; }

/// An optional bound of index(), from the end where it is negative.
int64_t placeOf(const Bound &args, size_t i, int64_t absent, int64_t length) {
  int64_t place = args.integer(i, absent);
  return place < 0 ? std::max<int64_t>(place + length, 0) : place;
}

Value indexOf(Interpreter &in, const Value &self, Bound &args) {
  int64_t length = *lengthOf(self);
  int64_t start = placeOf(args, 1, 0, length);
  int64_t stop = std::min(placeOf(args, 2, length, length), length);
  for (int64_t i = start; i < stop; ++i)
    if (areEqual(in.heap(), itemAt(in.heap(), self, i), args[0]))
      return Value::integer(i);
  fail("the value is not in the {}", typeName(self));
}

Value countOf(Interpreter &in, const Value &self, Bound &args) {
  int64_t count = 0;
  for (int64_t i = 0; i < *lengthOf(self); ++i)
    count += areEqual(in.heap(), itemAt(in.heap(), self, i), args[0]);
  return Value::integer(count);
}

Value loopCycle(Interpreter &, const Value &self, Bound &args) {
  const std::vector<Value> &items = args.all().positional;
  if (items.empty() || !args.all().named.empty())
    fail("no items for cycling given");
  return items[static_cast<size_t>(self.as<LoopObject>().index0) %
               items.size()];
}

Value loopChanged(Interpreter &in, const Value &self, Bound &args) {
  if (!args.all().named.empty())
    fail("changed() takes no keyword arguments");
  const auto &loop = self.as<LoopObject>();
  Value now = in.heap().tuple(args.all().positional);
  // Afterwards nothing would forget a value that refers to the loop itself.
  if (loop.isOver)
    unsupported("loop.changed() after the loop");
  bool hasChanged = loop.lastChanged.isMissing() ||
                    !areEqual(in.heap(), loop.lastChanged, now);
  if (hasChanged)
    loop.lastChanged = now;
  return Value::boolean(hasChanged);
}

Value cyclerNext(Interpreter &, const Value &self, Bound &) {
  const auto &cycler = self.as<CyclerObject>();
  Value out = cycler.items[cycler.position];
  cycler.position = (cycler.position + 1) % cycler.items.size();
  return out;
}

Value cyclerReset(Interpreter &, const Value &self, Bound &) {
  self.as<CyclerObject>().position = 0;
  return Value::none();
}

constexpr Native dictMethods[] = {
    {"copy", "", itself},
    {"fromkeys", "*", nullptr},
    {"get", "key/ default?/", dictGet},
    {"items", "", dictView<ViewObject::Items>},
    {"keys", "", dictView<ViewObject::Keys>},
    {"values", "", dictView<ViewObject::Values>},
};
constexpr Native listMethods[] = {
    {"copy", "", itself},
    {"count", "value/", countOf},
    {"index", "value/ start?/ stop?/", indexOf},
};
constexpr Native tupleMethods[] = {
    {"count", "value/", countOf},
    {"index", "value/ start?/ stop?/", indexOf},
};
constexpr Native rangeMethods[] = {
    {"count", "value/", countOf},
    {"index", "value/", indexOf},
};
constexpr Native loopMethods[] = {
    {"changed", "*", loopChanged},
    {"cycle", "*", loopCycle},
};
constexpr Native cyclerMethods[] = {
    {"next", "", cyclerNext},
    {"reset", "", cyclerReset},
};

constexpr std::string_view listMutators[] = {
    "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"};
constexpr std::string_view dictMutators[] = {"clear", "pop", "popitem",
                                             "setdefault", "update"};

} // namespace

const Native *findMethod(const Value &value, std::string_view name) {
  switch (value.kind()) {
  case Kind::Text:
    return findNative(textMethods(), name);
  case Kind::Dict:
    return findNative(dictMethods, name);
  case Kind::List:
    return findNative(listMethods, name);
  case Kind::Tuple:
    return findNative(tupleMethods, name);
  case Kind::Range:
    return findNative(rangeMethods, name);
  case Kind::Loop:
    return findNative(loopMethods, name);
  case Kind::Cycler:
    return findNative(cyclerMethods, name);
  default:
    return nullptr;
  }
}

bool isMutator(const Value &value, std::string_view name) {
  auto has = [&](std::span<const std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return (value.is(Kind::List) && has(listMutators)) ||
         (value.is(Kind::Dict) && has(dictMutators));
}

} // namespace llmc::jinja
