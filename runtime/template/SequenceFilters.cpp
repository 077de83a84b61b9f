// SPDX-License-Identifier: Apache-2.0
// Filters that go over sequences and dicts.
#include "runtime/template/Compare.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Filters.h"
#include "runtime/template/Operators.h"
#include "runtime/template/Print.h"
#include <algorithm>

namespace llmc::jinja {

namespace {

Value length(Interpreter &, const Value &self, Bound &) {
  std::optional<int64_t> length =
      self.is(Kind::Loop) ? std::nullopt : lengthOf(self);
  if (!length)
    fail("object of type '{}' has no len()", typeName(self));
  return Value::integer(*length);
}

Value list(Interpreter &in, const Value &self, Bound &) {
  return in.heap().list(collect(in.heap(), self));
}

Value first(Interpreter &in, const Value &self, Bound &) {
  Value out;
  Cursor cursor(in.heap(), self);
  return cursor.next(out)
             ? out
             : in.heap().undefined("No first item, sequence was empty.");
}

Value last(Interpreter &in, const Value &self, Bound &) {
  std::optional<NextFunction> next = iterateBackwards(in.heap(), self);
  if (!next)
    fail("'{}' object is not reversible", typeName(self));
  Value out;
  return (*next)(out)
             ? out
             : in.heap().undefined("No last item, sequence was empty.");
}

Value reverse(Interpreter &in, const Value &self, Bound &) {
  Heap &heap = in.heap();
  if (self.isText())
    return heap.text(
        [&] {
          TextBuilder out(heap);
          NextFunction next = *iterateBackwards(heap, self);
          for (Value item; next(item);)
            out.append(item.text());
          return out.take();
        }(),
        self.as<TextObject>().isMarkup);
  if (std::optional<NextFunction> next = iterateBackwards(heap, self))
    return heap.iterator(std::move(*next), self);
  if (!isIterable(self))
    fail("argument must be iterable");
  std::vector<Value> items = collect(heap, self);
  std::reverse(items.begin(), items.end());
  return heap.list(std::move(items));
}

Value join(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  AttributePath path(heap, args.has(1) ? args[1] : Value::none());
  std::string separator = args.has(0) ? printed(heap, args[0]) : "";
  TextBuilder out(heap);
  Cursor cursor(heap, self);
  bool isFirst = true;
  for (Value item; cursor.next(item); isFirst = false) {
    out.append(isFirst ? "" : separator);
    print(out, heap, path.of(heap, item));
  }
  return out.finish();
}

Value items(Interpreter &in, const Value &self, Bound &) {
  Heap &heap = in.heap();
  return lazily(
      heap,
      [&heap, self]() -> NextFunction {
        if (self.isUndefined())
          return iterate(heap, self);
        if (!self.is(Kind::Dict))
          fail("Can only get item pairs from a mapping.");
        return iterate(heap, heap.view(self, ViewObject::Items));
      },
      self);
}

Value dictSort(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  std::string_view by = args.text(1, "key");
  if (by != "key" && by != "value")
    fail("You can only sort by either \"key\" or \"value\"");
  requireDefined(self);
  if (!self.is(Kind::Dict))
    fail("'{}' object has no attribute 'items'", typeName(self));
  std::vector<Value> pairs = collect(heap, heap.view(self, ViewObject::Items)),
                     keys;
  for (const Value &pair : pairs)
    keys.push_back(comparisonKey(heap,
                                 pair.as<SequenceObject>().items[by == "value"],
                                 args.truth(0, false)));
  return heap.list(sortedBy(heap, pairs, keys, args.truth(2, false)));
}

/// The paths of "name,age".
std::vector<AttributePath> pathsOf(Heap &heap, const Value &attribute) {
  std::vector<AttributePath> paths;
  if (!attribute.isText()) {
    paths.emplace_back(heap, attribute);
    return paths;
  }
  std::string_view rest = attribute.text();
  for (;;) {
    size_t comma = std::min(rest.find(','), rest.size());
    paths.emplace_back(heap, heap.text(std::string(rest.substr(0, comma))));
    if (comma == rest.size())
      return paths;
    rest.remove_prefix(comma + 1);
  }
}

Value sort(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  bool isCaseSensitive = args.truth(1, false);
  std::vector<AttributePath> paths =
      pathsOf(heap, args.has(2) ? args[2] : Value::none());
  std::vector<Value> items = collect(heap, self), keys;
  for (const Value &item : items) {
    std::vector<Value> key;
    for (const AttributePath &path : paths)
      key.push_back(comparisonKey(heap, path.of(heap, item), isCaseSensitive));
    keys.push_back(heap.list(std::move(key)));
  }
  return heap.list(sortedBy(heap, items, keys, args.truth(0, false)));
}

Value unique(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  bool isCaseSensitive = args.truth(0, false);
  AttributePath path(heap, args.has(1) ? args[1] : Value::none());
  auto start = [&heap, isCaseSensitive, path, self]() -> NextFunction {
    return [&heap, isCaseSensitive, path,
            seen = std::make_shared<DictBuilder>(heap),
            next = iterate(heap, self)](Value &out) {
      while (next(out)) {
        Value key = comparisonKey(heap, path.of(heap, out), isCaseSensitive);
        if (seen->add(key))
          return true;
      }
      return false;
    };
  };
  return lazily(heap, start, self);
}

template <bool isMax>
Value extreme(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  bool isCaseSensitive = args.truth(0, false);
  AttributePath path(heap, args.has(1) ? args[1] : Value::none());
  Value best, bestKey;
  Cursor cursor(heap, self);
  for (Value item; cursor.next(item);) {
    Value key = comparisonKey(heap, path.of(heap, item), isCaseSensitive);
    bool isBetter = best.isMissing() || (isMax ? isLess(heap, bestKey, key)
                                               : isLess(heap, key, bestKey));
    if (!isBetter)
      continue;
    best = item;
    bestKey = key;
  }
  return best.isMissing()
             ? heap.undefined("No aggregated item, sequence was empty.")
             : best;
}

Value sum(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  AttributePath path(heap, args.has(0) ? args[0] : Value::none());
  Value total = args.has(1) ? args[1] : Value::integer(0);
  if (total.isText())
    fail("sum() can't sum strings [use ''.join(seq) instead]");
  Cursor cursor(heap, self);
  for (Value item; cursor.next(item);)
    total = arithmetic(heap, Operator::Add, total, path.of(heap, item));
  return total;
}

/// The next batch of items; `ahead` is the one after it, if it was read.
bool nextBatch(Heap &heap, int64_t size, const Value &filler, Value &ahead,
               const NextFunction &next, Value &out) {
  std::vector<Value> items;
  if (!ahead.isMissing())
    items.push_back(std::exchange(ahead, Value()));
  for (Value item; ahead.isMissing() && next(item);) {
    if (!items.empty() && static_cast<int64_t>(items.size()) == size)
      ahead = item;
    else
      items.push_back(item);
  }
  if (items.empty())
    return false;
  if (!filler.isMissing() && ahead.isMissing()) {
    heap.checkItems(static_cast<uint64_t>(std::max<int64_t>(size, 0)));
    while (static_cast<int64_t>(items.size()) < size) {
      heap.step();
      items.push_back(filler);
    }
  }
  out = heap.list(std::move(items));
  return true;
}

Value batch(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  int64_t size = args.integer(0, 0);
  Value filler = given(args, 1) ? args[1] : Value();
  auto start = [&heap, size, filler, self]() -> NextFunction {
    return [&heap, size, filler, ahead = Value(),
            next = iterate(heap, self)](Value &out) mutable {
      return nextBatch(heap, size, filler, ahead, next, out);
    };
  };
  return lazily(heap, start, heap.tuple({self, filler}));
}

/// The items in `count` parts, the first ones longer by one where they must.
Value slices(Heap &heap, const Value &self, int64_t count,
             const Value &filler) {
  std::vector<Value> items = collect(heap, self), parts;
  if (count == 0)
    fail("slice: integer division or modulo by zero");
  int64_t divisor = std::max<int64_t>(count, 1);
  auto size = static_cast<int64_t>(items.size());
  auto at = items.begin();
  for (int64_t i = 0; i < count; ++i) {
    heap.step();
    bool isLonger = i < size % divisor;
    auto end = at + size / divisor + isLonger;
    std::vector<Value> part(at, end);
    if (!filler.isMissing() && !isLonger)
      part.push_back(filler);
    parts.push_back(heap.list(std::move(part)));
    at = end;
  }
  return heap.list(std::move(parts));
}

Value slice(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  int64_t count = args.integer(0, 0);
  Value filler = given(args, 1) ? args[1] : Value();
  return lazily(
      heap,
      [&heap, self, count, filler] {
        return iterate(heap, slices(heap, self, count, filler));
      },
      heap.tuple({self, filler}));
}

Value groupBy(Interpreter &in, const Value &self, Bound &args) {
  Heap &heap = in.heap();
  AttributePath path(heap, args[0]);
  Value absent = args.has(1) ? args[1] : Value::none();
  bool isCaseSensitive = args.truth(2, false);
  std::vector<Value> items = collect(heap, self), keys;
  auto keyOf = [&](const Value &item) {
    return comparisonKey(heap, path.of(heap, item, absent), isCaseSensitive);
  };
  for (const Value &item : items)
    keys.push_back(keyOf(item));
  items = sortedBy(heap, items, keys, /*isReversed=*/false);
  std::vector<Value> groups;
  for (size_t begin = 0; begin < items.size();) {
    Value key = keyOf(items[begin]);
    size_t end = begin + 1;
    while (end < items.size() && areEqual(heap, keyOf(items[end]), key))
      ++end;
    // The group is named after its first item, in its own case.
    Value name = path.of(heap, items[begin], absent);
    Value members = heap.list({items.begin() + static_cast<ptrdiff_t>(begin),
                               items.begin() + static_cast<ptrdiff_t>(end)});
    groups.push_back(heap.tuple({name, members}, /*isGroup=*/true));
    begin = end;
  }
  return heap.list(std::move(groups));
}

constexpr Native table[] = {
    {"batch", "linecount fill_with?", batch},
    {"count", "", length},
    {"dictsort", "case_sensitive? by? reverse?", dictSort},
    {"first", "", first},
    {"groupby", "attribute default? case_sensitive?", groupBy},
    {"items", "", items},
    {"join", "d? attribute?", join},
    {"last", "", last},
    {"length", "", length},
    {"list", "", list},
    {"max", "case_sensitive? attribute?", extreme<true>},
    {"min", "case_sensitive? attribute?", extreme<false>},
    {"random", "*", nullptr},
    {"reverse", "", reverse},
    {"slice", "slices fill_with?", slice},
    {"sort", "reverse? case_sensitive? attribute?", sort},
    {"sum", "attribute? start?", sum},
    {"unique", "case_sensitive? attribute?", unique},
};

} // namespace

std::span<const Native> sequenceFilters() { return table; }

} // namespace llmc::jinja
