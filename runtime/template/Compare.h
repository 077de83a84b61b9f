// SPDX-License-Identifier: Apache-2.0
// Equality, order and membership, as Python's operators define them.
#ifndef LLMC_RUNTIME_TEMPLATE_COMPARE_H
#define LLMC_RUNTIME_TEMPLATE_COMPARE_H

#include "runtime/template/Ast.h"
#include "runtime/template/Heap.h"

namespace llmc::jinja {

bool areEqual(Heap &heap, const Value &left, const Value &right);

/// Python's `is`.
bool areSame(const Value &left, const Value &right);

/// Less, LessEqual, Greater or GreaterEqual. Fails where the types have no
/// order.
bool isOrdered(Heap &heap, Operator order, const Value &left,
               const Value &right);

/// left < right.
inline bool isLess(Heap &heap, const Value &left, const Value &right) {
  return isOrdered(heap, Operator::Less, left, right);
}

/// Python's `item in container`.
bool contains(Heap &heap, const Value &container, const Value &item);

} // namespace llmc::jinja

#endif
