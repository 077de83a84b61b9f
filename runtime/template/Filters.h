// SPDX-License-Identifier: Apache-2.0
// What filters share: reaching for attributes by a path, and lower case as the
// key of comparisons.
#ifndef LLMC_RUNTIME_TEMPLATE_FILTERS_H
#define LLMC_RUNTIME_TEMPLATE_FILTERS_H

#include "runtime/template/Interpreter.h"
#include <optional>
#include <vector>

namespace llmc::jinja {

/// What a filter's `attribute` argument leads to: "user.name", "items.0", 1. A
/// None leads to the value itself.
class AttributePath {
public:
  AttributePath(Heap &heap, const Value &attribute);
  /// An undefined step becomes `absent`, if there is one.
  Value of(Heap &heap, Value value, const Value &absent = Value()) const;

private:
  std::vector<Value> steps_;
};

/// What values are compared by: texts without regard to case, unless
/// `isCaseSensitive`.
Value comparisonKey(Heap &heap, const Value &value, bool isCaseSensitive);

/// sorted(): stable, by keys made beforehand.
std::vector<Value> sortedBy(Heap &heap, const std::vector<Value> &items,
                            const std::vector<Value> &keys, bool isReversed);

/// An argument, none where it is left out or None.
inline const Value *given(const Bound &args, size_t i) {
  return args.has(i) && !args[i].isNone() ? &args[i] : nullptr;
}

} // namespace llmc::jinja

#endif
