// SPDX-License-Identifier: Apache-2.0
// How a template reaches into a value: value.name, value[key], value[a:b:c].
// What is not there is Undefined; what Python has and a sandbox hides is
// refused by name.
#ifndef LLMC_RUNTIME_TEMPLATE_ACCESS_H
#define LLMC_RUNTIME_TEMPLATE_ACCESS_H

#include "runtime/template/Heap.h"
#include <optional>
#include <string_view>

namespace llmc::jinja {

/// value.name: an attribute or a method, else an item.
Value getAttribute(Heap &heap, const Value &value, std::string_view name);
/// The `attr` filter: an attribute or a method, never an item.
Value getOwnAttribute(Heap &heap, const Value &value, std::string_view name);
/// value[key]: an item, else an attribute.
Value getItem(Heap &heap, const Value &value, const Value &key);
/// value[start:stop:step], None where a part is left out.
Value sliceOf(Heap &heap, const Value &value, const Value &start,
              const Value &stop, const Value &step);

/// The attributes of `loop`; none where it has no such one.
std::optional<Value> loopAttribute(Heap &heap, const Value &loop,
                                   std::string_view name);

} // namespace llmc::jinja

#endif
