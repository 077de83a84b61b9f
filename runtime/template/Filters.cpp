// SPDX-License-Identifier: Apache-2.0
#include "runtime/template/Filters.h"
#include "runtime/template/Access.h"
#include "runtime/template/Compare.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Format.h"
#include "runtime/template/Text.h"
#include <algorithm>
#include <numeric>

namespace llmc::jinja {

AttributePath::AttributePath(Heap &heap, const Value &attribute) {
  if (attribute.isNone() || attribute.isMissing())
    return;
  if (!attribute.isText()) {
    steps_.push_back(attribute);
    return;
  }
  for (std::string_view part : split(attribute.text(), ".", -1)) {
    bool isNumber =
        !part.empty() && part.find_first_not_of("0123456789") == part.npos;
    if (isNumber)
      steps_.push_back(
          Value::integer(static_cast<int64_t>(readNumber(part, "attribute"))));
    else
      steps_.push_back(heap.text(std::string(part)));
  }
}

Value AttributePath::of(Heap &heap, Value value, const Value &absent) const {
  for (const Value &step : steps_) {
    value = getItem(heap, value, step);
    if (value.isUndefined() && !absent.isMissing() && !absent.isNone())
      value = absent;
  }
  return value;
}

Value comparisonKey(Heap &heap, const Value &value, bool isCaseSensitive) {
  if (isCaseSensitive || !value.isText())
    return value;
  heap.stepBytes(4 * value.text().size());
  return heap.text(lowerCase(value.text()));
}

std::vector<Value> sortedBy(Heap &heap, const std::vector<Value> &items,
                            const std::vector<Value> &keys, bool isReversed) {
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return isReversed ? isLess(heap, keys[b], keys[a])
                      : isLess(heap, keys[a], keys[b]);
  });
  std::vector<Value> out;
  out.reserve(items.size());
  for (size_t i : order)
    out.push_back(items[i]);
  return out;
}

const Native *findFilter(std::string_view name) {
  for (std::span<const Native> table :
       {textFilters(), sequenceFilters(), selectFilters(), numberFilters()})
    if (const Native *found = findNative(table, name))
      return found;
  return nullptr;
}

} // namespace llmc::jinja
