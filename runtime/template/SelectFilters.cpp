// SPDX-License-Identifier: Apache-2.0
// map, select, reject and their kin, which apply filters and tests to items.
// What they make is lazy, as in Jinja2.
#include "runtime/template/Access.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Filters.h"
#include "runtime/template/Print.h"

namespace llmc::jinja {

namespace {

/// All values that an iterator over `self` with arguments refers to.
Value holding(Heap &heap, const Value &self, const CallArguments &arguments) {
  std::vector<Value> held = arguments.positional;
  held.push_back(self);
  for (const auto &[name, value] : arguments.named)
    held.push_back(value);
  return heap.tuple(std::move(held));
}

using ItemFunction = std::function<Value(const Value &)>;

/// The name of a filter or a test, taken from the front of the arguments.
std::string takeName(CallArguments &arguments) {
  Value name = arguments.positional.front();
  arguments.positional.erase(arguments.positional.begin());
  if (!name.isText())
    fail("No filter or test named {}", typeName(name));
  return std::string(name.text());
}

ItemFunction mapping(Interpreter &in, CallArguments arguments) {
  if (!arguments.positional.empty()) {
    std::string name = takeName(arguments);
    return [&in, name, arguments](const Value &item) {
      return in.filter(name, item, arguments);
    };
  }
  Value attribute = arguments.take("attribute");
  if (attribute.isMissing())
    fail("map requires a filter argument");
  Value absent = arguments.take("default");
  if (!arguments.named.empty())
    fail("Unexpected keyword argument {}", quoted(arguments.named[0].first));
  AttributePath path(in.heap(), attribute);
  return [&in, path, absent](const Value &item) {
    return path.of(in.heap(), item, absent);
  };
}

Value map(Interpreter &in, const Value &self, Bound &args) {
  if (!isTrue(self))
    return in.heap().iterator([](Value &) { return false; }, self);
  auto start = [&in, self, arguments = args.all()]() -> NextFunction {
    return [function = mapping(in, arguments),
            next = iterate(in.heap(), self)](Value &out) {
      Value item;
      if (!next(item))
        return false;
      out = function(item);
      return true;
    };
  };
  return lazily(in.heap(), start, holding(in.heap(), self, args.all()));
}

std::function<bool(const Value &)>
selecting(Interpreter &in, CallArguments arguments, bool byAttribute) {
  std::optional<AttributePath> path;
  if (byAttribute) {
    if (arguments.positional.empty())
      fail("Missing parameter for attribute name");
    path.emplace(in.heap(), arguments.positional.front());
    arguments.positional.erase(arguments.positional.begin());
  }
  std::optional<std::string> name;
  if (!arguments.positional.empty())
    name = takeName(arguments);
  return [&in, path, name, arguments](const Value &item) {
    Value value = path ? path->of(in.heap(), item) : item;
    return name ? in.test(*name, value, arguments) : isTrue(value);
  };
}

template <bool isWanted, bool byAttribute>
Value select(Interpreter &in, const Value &self, Bound &args) {
  if (!isTrue(self))
    return in.heap().iterator([](Value &) { return false; }, self);
  auto start = [&in, self, arguments = args.all()]() -> NextFunction {
    return [function = selecting(in, arguments, byAttribute),
            next = iterate(in.heap(), self)](Value &out) {
      while (next(out))
        if (function(out) == isWanted)
          return true;
      return false;
    };
  };
  return lazily(in.heap(), start, holding(in.heap(), self, args.all()));
}

Value defaultFilter(Interpreter &in, const Value &self, Bound &args) {
  bool isAbsent = self.isUndefined() || (args.truth(1, false) && !isTrue(self));
  if (!isAbsent)
    return self;
  return args.has(0) ? args[0] : in.heap().text("");
}

Value attr(Interpreter &in, const Value &self, Bound &args) {
  return getOwnAttribute(in.heap(), self, args.text(0, {}));
}

constexpr Native table[] = {
    {"attr", "name", attr},
    {"d", "default_value? boolean?", defaultFilter},
    {"default", "default_value? boolean?", defaultFilter},
    {"map", "*", map},
    {"reject", "*", select<false, false>},
    {"rejectattr", "*", select<false, true>},
    {"select", "*", select<true, false>},
    {"selectattr", "*", select<true, true>},
};

} // namespace

std::span<const Native> selectFilters() { return table; }

} // namespace llmc::jinja
