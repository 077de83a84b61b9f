// SPDX-License-Identifier: Apache-2.0
// Arrays: the first items by prefixItems, others by items.
#include "runtime/grammar/schema/SchemaBuilder.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::grammar {

ExpressionId SchemaBuilder::array(const Subschema &schema) {
  const Json *first = arrayOf(schema, "prefixItems");
  const Json *items = find(*schema.json, "items");
  auto leastGiven = countOf(schema, "minItems");
  auto mostGiven = countOf(schema, "maxItems");
  if (!first && !items && !leastGiven && !mostGiven)
    return anyArray();
  std::string pointer = pointerTo(schema.pointer, "items");
  if (items && items->is_array())
    refuse(pointer,
           "items is an array: since draft 2020-12 that is prefixItems");
  uint32_t prefix = first ? static_cast<uint32_t>(first->size()) : 0;
  if (prefix > limits::repetitions)
    refuseUnsupported(schema.pointer,
                      fmt::format("prefixItems has more than {} schemas",
                                  limits::repetitions));
  uint32_t least = leastGiven.value_or(0);
  uint32_t most = mostGiven.value_or(Expression::unbounded);
  // Without `items` none come after the first ones, unless they have to.
  bool isClosed = items ? items->is_boolean() && !items->get<bool>()
                        : first && least <= prefix;
  if (isClosed)
    most = std::min(most, prefix);
  if (least > most)
    refuse(schema.pointer, fmt::format("at least {} items and at most {} do "
                                       "not go together",
                                       least, most));
  if (most == 0)
    return ruleOf(schema.pointer, bracketed("[", grammar_.empty(), "]"));
  static const Json any = true;
  auto itemAt = [&](uint32_t i) {
    if (i < prefix)
      return ruleOf(schema.pointer,
                    value({&(*first)[i],
                           pointerTo(pointerTo(schema.pointer, "prefixItems"),
                                     std::to_string(i)),
                           schema.depth + 1}));
    return ruleOf(pointer,
                  value({items ? items : &any, pointer, schema.depth + 1}));
  };
  // What may come after so many items, from the last of prefixItems to the
  // first.
  prefix = std::min(prefix, most);
  ExpressionId after = space(), other = 0;
  if (most > prefix) {
    uint32_t from = std::max(prefix, 1u);
    other = itemAt(prefix);
    ExpressionId more = grammar_.sequence({separator(), other});
    ExpressionId repeated =
        grammar_.repeat(more, least > from ? least - from : 0,
                        most == Expression::unbounded ? most : most - from);
    after = ruleOf(pointer, grammar_.sequence({repeated, space()}));
  }
  for (uint32_t i = prefix; i-- > 1;) {
    ExpressionId next = grammar_.sequence({separator(), itemAt(i), after});
    if (i >= least)
      next = grammar_.choice({next, space()});
    after = ruleOf(schema.pointer, next);
  }
  ExpressionId all = grammar_.sequence({prefix > 0 ? itemAt(0) : other, after});
  if (least == 0)
    all = grammar_.optional(all);
  return ruleOf(schema.pointer, bracketed("[", all, "]"));
}

} // namespace llmc::grammar
