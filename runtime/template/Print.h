// SPDX-License-Identifier: Apache-2.0
// Values as text: Python's str() and repr(), and the names of types that its
// messages use.
#ifndef LLMC_RUNTIME_TEMPLATE_PRINT_H
#define LLMC_RUNTIME_TEMPLATE_PRINT_H

#include "runtime/template/Heap.h"

namespace llmc::jinja {

/// "str", "dict", ...
std::string_view typeName(const Value &value);
/// As messages about missing attributes name a value: "dict object".
std::string describe(const Value &value);

/// Python's truth.
bool isTrue(const Value &value);

/// Fails with the message of an undefined value.
void requireDefined(const Value &value);

/// str(): appends to `out`. Fails for what has no text that is the same in
/// every run, such as functions and iterators.
void print(TextBuilder &out, Heap &heap, const Value &value);
std::string printed(Heap &heap, const Value &value);
/// A Text stays as it is; of all else the text.
Value toText(Heap &heap, const Value &value);

/// repr(): appends to `out`.
void printRepr(TextBuilder &out, Heap &heap, const Value &value);
std::string repr(Heap &heap, const Value &value);
/// A text in quotes, as in messages; long ones are cut.
std::string quoted(std::string_view text);

/// The shortest digits that read as the same float, in Python's form: "1.0",
/// "1e-05".
std::string reprFloat(double value);

} // namespace llmc::jinja

#endif
