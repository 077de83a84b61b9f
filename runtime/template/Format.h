// SPDX-License-Identifier: Apache-2.0
// Python's two ways to format values into a text: `text % values` and
// text.format(...). What they share: numbers with a precision, and padding.
#ifndef LLMC_RUNTIME_TEMPLATE_FORMAT_H
#define LLMC_RUNTIME_TEMPLATE_FORMAT_H

#include "runtime/template/Functions.h"
#include "runtime/template/Heap.h"
#include <optional>
#include <string>
#include <string_view>

namespace llmc::jinja {

/// How one value is to look.
struct FormatSpec {
  char32_t fill = ' ';
  char align = 0;  // '<', '>', '=', '^'; 0: by the type
  char sign = '-'; // '-', '+', ' '
  bool isAlternate = false;
  char grouping = 0; // ',' or '_'
  uint64_t width = 0;
  std::optional<int> precision;
  char type = 0; // a letter or '%'; 0: none given
};

/// The digits of a float: type is one of eEfFgG.
std::string formatFloat(double value, const FormatSpec &spec);
/// The digits of an integer: type is one of bdoxX.
std::string formatInteger(int64_t value, const FormatSpec &spec);

/// Appends `body`, filled up to the width; `natural` is the side it goes to if
/// the specification names none. A sign stays in front of fill by '='.
void appendPadded(TextBuilder &out, std::string_view body,
                  const FormatSpec &spec, char natural);

/// format(value, spec).
void formatValue(TextBuilder &out, Heap &heap, const Value &value,
                 std::string_view spec);

/// text.format(...) with these arguments.
Value formatMethod(Heap &heap, const Value &text,
                   const CallArguments &arguments);

/// Reads digits at the front; fails above what a width or precision may be.
uint64_t readNumber(std::string_view &text, std::string_view what);

} // namespace llmc::jinja

#endif
