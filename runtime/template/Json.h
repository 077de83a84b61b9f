// SPDX-License-Identifier: Apache-2.0
// JSON as values, and values as JSON in the form of Python's json.dumps.
#ifndef LLMC_RUNTIME_TEMPLATE_JSON_H
#define LLMC_RUNTIME_TEMPLATE_JSON_H

#include "runtime/template/Heap.h"
#include <string>

namespace llmc::jinja {

/// What becomes of integers that values cannot hold.
enum class BigIntegers { Refused, Rounded };

/// Reads a document of at most limits::jsonBytes and limits::jsonDepth. Objects
/// keep the order of their keys. Fails with the place in it.
Value parseJson(Heap &heap, std::string_view json,
                BigIntegers big = BigIntegers::Refused);

struct JsonStyle {
  bool isAscii = false; // beyond ASCII: \uXXXX
  bool isSorted = false;
  bool isIndented = false; // each item on a line of its own
  std::string indention = {};
  std::string itemSeparator = ", ";
  std::string keySeparator = ": ";
};

/// Fails for what JSON has no form for.
void printJson(TextBuilder &out, Heap &heap, const Value &value,
               const JsonStyle &style);

} // namespace llmc::jinja

#endif
