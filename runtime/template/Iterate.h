// SPDX-License-Identifier: Apache-2.0
// Going over a value, as Python's iter() does.
#ifndef LLMC_RUNTIME_TEMPLATE_ITERATE_H
#define LLMC_RUNTIME_TEMPLATE_ITERATE_H

#include "runtime/template/Heap.h"
#include <functional>
#include <optional>

namespace llmc::jinja {

using NextFunction = std::function<bool(Value &)>;

bool isIterable(const Value &value);

/// What gives the value's items one by one; keeps the value alive. Fails where
/// the value is not iterable. Each call of it counts as a step.
NextFunction iterate(Heap &heap, const Value &value);
/// From the last to the first; none where the value has no such order.
std::optional<NextFunction> iterateBackwards(Heap &heap, const Value &value);

/// Python's len(); none where a value has no length.
std::optional<int64_t> lengthOf(const Value &value);
/// The item at a place below the length, of a text, a sequence or a range.
Value itemAt(Heap &heap, const Value &value, int64_t place);

/// An iterator that asks for its source when it is asked for its first item, so
/// that what is wrong with that is found then. `refersTo` is what it holds on
/// to.
Value lazily(Heap &heap, std::function<NextFunction()> start,
             const Value &refersTo);

/// All items that are left.
std::vector<Value> collect(Heap &heap, const Value &value);

/// A loop over a value within one function.
class Cursor {
public:
  Cursor(Heap &heap, const Value &value) : next_(iterate(heap, value)) {}
  bool next(Value &out) { return next_(out); }

private:
  NextFunction next_;
};

} // namespace llmc::jinja

#endif
