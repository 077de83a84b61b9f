// SPDX-License-Identifier: Apache-2.0
// Numbers and their ranges, digit by digit. Numbers have at most 16 digits
// before the point, 16 behind it and 2 in the exponent, so that none is
// infinite and a text cannot be digits for ever.
#include "runtime/grammar/schema/SchemaBuilder.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace llmc::grammar {

namespace {

constexpr uint32_t mostDigits = 16;
constexpr int64_t largest = 999'999'999'999'999'999; // 18 digits
constexpr int64_t largestUnasked = 9'999'999'999'999'999;

/// Whole numbers that are not negative as their digits.
class Digits {
public:
  explicit Digits(Grammar &grammar) : grammar_(grammar) {}

  /// All in [least, most].
  ExpressionId range(int64_t least, int64_t most) {
    std::vector<ExpressionId> parts;
    std::string low = std::to_string(least), high = std::to_string(most);
    for (size_t size = low.size(); size <= high.size(); ++size)
      parts.push_back(
          sameSize(size == low.size() ? low : "1" + std::string(size - 1, '0'),
                   size == high.size() ? high : std::string(size, '9')));
    return grammar_.choice(std::move(parts));
  }

  ExpressionId digit(char first, char last) {
    return grammar_.characters(
        {{static_cast<uint32_t>(first), static_cast<uint32_t>(last)}});
  }

  ExpressionId any(uint32_t least, uint32_t most) {
    return grammar_.repeat(digit('0', '9'), least, most);
  }

private:
  ExpressionId sameSize(const std::string &low, const std::string &high) {
    size_t size = low.size();
    if (size == 0)
      return grammar_.empty();
    auto rest = static_cast<uint32_t>(size - 1);
    if (low == std::string(size, '0') && high == std::string(size, '9'))
      return any(rest + 1, rest + 1);
    std::string lowRest = low.substr(1), highRest = high.substr(1);
    if (low[0] == high[0])
      return grammar_.sequence(
          {digit(low[0], low[0]), sameSize(lowRest, highRest)});
    char first = low[0], last = high[0];
    std::vector<ExpressionId> parts;
    if (lowRest != std::string(rest, '0')) {
      parts.push_back(grammar_.sequence(
          {digit(first, first), sameSize(lowRest, std::string(rest, '9'))}));
      ++first;
    }
    if (highRest != std::string(rest, '9')) {
      parts.push_back(grammar_.sequence(
          {digit(last, last), sameSize(std::string(rest, '0'), highRest)}));
      --last;
    }
    if (first <= last)
      parts.push_back(grammar_.sequence({digit(first, last), any(rest, rest)}));
    return grammar_.choice(std::move(parts));
  }

  Grammar &grammar_;
};

/// Decimals that are not negative, between whole numbers.
struct Magnitudes {
  int64_t least;
  bool excludesLeast;
  int64_t most;
  bool excludesMost;
};

ExpressionId decimals(Grammar &grammar, const Magnitudes &m) {
  Digits digits(grammar);
  ExpressionId point = grammar.literal("."), zero = digits.digit('0', '0');
  ExpressionId anything =
      grammar.optional(grammar.sequence({point, digits.any(1, mostDigits)}));
  ExpressionId nothing = grammar.optional(
      grammar.sequence({point, grammar.repeat(zero, 1, mostDigits)}));
  ExpressionId something =
      grammar.sequence({point, grammar.repeat(zero, 0, mostDigits / 2 - 1),
                        digits.digit('1', '9'), digits.any(0, mostDigits / 2)});
  std::vector<ExpressionId> parts;
  auto add = [&](int64_t first, int64_t last, ExpressionId fraction) {
    if (first <= last)
      parts.push_back(grammar.sequence({digits.range(first, last), fraction}));
  };
  if (m.least < m.most) {
    add(m.least, m.least, m.excludesLeast ? something : anything);
    add(m.least + 1, m.most - 1, anything);
    if (!m.excludesMost)
      add(m.most, m.most, nothing);
  } else if (m.least == m.most && !m.excludesLeast && !m.excludesMost) {
    add(m.least, m.least, nothing);
  }
  return grammar.choice(std::move(parts));
}

} // namespace

SchemaBuilder::Bounds SchemaBuilder::boundsOf(const Subschema &schema,
                                              bool isInteger) {
  Bounds bounds;
  for (const char *keyword :
       {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"}) {
    const Json *value = find(*schema.json, keyword);
    if (!value)
      continue;
    std::string pointer = pointerTo(schema.pointer, keyword);
    if (!value->is_number())
      refuse(pointer, fmt::format("{} is not a number", keyword));
    auto number = value->get<double>();
    if (!(std::abs(number) <= static_cast<double>(largestUnasked)))
      refuseUnsupported(pointer, fmt::format("{} has more than {} digits",
                                             keyword, mostDigits));
    std::string_view name = keyword;
    bool isExclusive = name.starts_with("exclusive");
    bool isLeast = name.ends_with("inimum");
    bool isWhole = number == std::floor(number);
    if (!isWhole && !isInteger)
      refuseUnsupported(pointer,
                        fmt::format("{} of a number is not whole", keyword));
    auto whole =
        static_cast<int64_t>(isLeast ? std::ceil(number) : std::floor(number));
    // Whole numbers above 3 are those from 4 on; above 3.5 as well.
    if (isInteger && isExclusive && isWhole)
      whole += isLeast ? 1 : -1;
    auto &bound = isLeast ? bounds.least : bounds.most;
    auto &excludes = isLeast ? bounds.excludesLeast : bounds.excludesMost;
    bool isStricter = !bound || (isLeast ? whole > *bound : whole < *bound);
    if (isStricter || (*bound == whole && isExclusive))
      excludes = isExclusive && !isInteger;
    if (isStricter)
      bound = whole;
  }
  if (bounds.least && bounds.most &&
      (*bounds.least > *bounds.most ||
       (*bounds.least == *bounds.most &&
        (bounds.excludesLeast || bounds.excludesMost))))
    refuse(schema.pointer, "no number is within the bounds");
  return bounds;
}

ExpressionId SchemaBuilder::integer(const Subschema &schema) {
  Bounds bounds = boundsOf(schema, true);
  bool isFree = !bounds.least && !bounds.most;
  int64_t far = isFree ? largestUnasked : largest;
  int64_t least = bounds.least.value_or(-far), most = bounds.most.value_or(far);
  Digits digits(grammar_);
  std::vector<ExpressionId> parts;
  if (most >= 0)
    parts.push_back(digits.range(std::max<int64_t>(least, 0), most));
  if (least < 0)
    parts.push_back(
        grammar_.sequence({grammar_.literal("-"),
                           digits.range(std::max<int64_t>(-most, 1), -least)}));
  return ruleOf(schema.pointer, grammar_.choice(std::move(parts)));
}

ExpressionId SchemaBuilder::makeAnyNumber() {
  Digits digits(grammar_);
  ExpressionId sign =
      grammar_.optional(grammar_.characters({{'+', '+'}, {'-', '-'}}));
  ExpressionId exponent = grammar_.sequence(
      {grammar_.characters({{'e', 'e'}, {'E', 'E'}}), sign, digits.any(1, 2)});
  return grammar_.sequence(
      {grammar_.optional(grammar_.literal("-")),
       digits.range(0, largestUnasked),
       grammar_.optional(grammar_.sequence(
           {grammar_.literal("."), digits.any(1, mostDigits)})),
       grammar_.optional(exponent)});
}

/// Within bounds there is no exponent.
ExpressionId SchemaBuilder::number(const Subschema &schema) {
  Bounds bounds = boundsOf(schema, false);
  if (!bounds.least && !bounds.most)
    return anyNumber();
  int64_t least = bounds.least.value_or(-largest);
  int64_t most = bounds.most.value_or(largest);
  std::vector<ExpressionId> parts;
  if (most >= 0)
    parts.push_back(decimals(grammar_, {std::max<int64_t>(least, 0),
                                        least >= 0 && bounds.excludesLeast,
                                        most, bounds.excludesMost}));
  if (least < 0)
    parts.push_back(grammar_.sequence(
        {grammar_.literal("-"),
         decimals(grammar_, {std::max<int64_t>(-most, 0),
                             most >= 0 || bounds.excludesMost, -least,
                             bounds.excludesLeast})}));
  return ruleOf(schema.pointer, grammar_.choice(std::move(parts)));
}

} // namespace llmc::grammar
