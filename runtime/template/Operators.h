// SPDX-License-Identifier: Apache-2.0
// Arithmetic, as Python's operators define it, on 64-bit integers.
#ifndef LLMC_RUNTIME_TEMPLATE_OPERATORS_H
#define LLMC_RUNTIME_TEMPLATE_OPERATORS_H

#include "runtime/template/Ast.h"
#include "runtime/template/Heap.h"

namespace llmc::jinja {

/// An operator of arithmetic, on numbers, texts or sequences.
Value arithmetic(Heap &heap, Operator op, const Value &left,
                 const Value &right);
Value negative(const Value &value);
Value positive(const Value &value);

/// As markupsafe's escape(): &, <, > and quotes become entities.
std::string escapeMarkup(std::string_view text);

/// Python's `text % values`.
Value formatPercent(Heap &heap, const Value &text, const Value &values);

/// Python's int() and float() of a number.
Value toInteger(double value);

} // namespace llmc::jinja

#endif
