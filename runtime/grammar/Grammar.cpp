// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/Grammar.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::grammar {

static constexpr uint32_t lastCodePoint = 0x10FFFF;
static constexpr CodePointRange surrogates = {0xD800, 0xDFFF};

static CodePoints merged(CodePoints ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](CodePointRange a, CodePointRange b) {
              return a.first != b.first ? a.first < b.first : a.last < b.last;
            });
  CodePoints out;
  for (CodePointRange range : ranges)
    if (!out.empty() && range.first <= out.back().last + 1)
      out.back().last = std::max(out.back().last, range.last);
    else
      out.push_back(range);
  return out;
}

static CodePoints rest(const CodePoints &ranges) {
  CodePoints out;
  uint32_t next = 0;
  for (CodePointRange range : ranges) {
    if (range.first > next)
      out.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= lastCodePoint)
    out.push_back({next, lastCodePoint});
  return out;
}

CodePoints normalized(CodePoints ranges) {
  CodePoints outside = rest(merged(std::move(ranges)));
  outside.push_back(surrogates);
  return rest(merged(std::move(outside)));
}

CodePoints complement(const CodePoints &ranges) {
  CodePoints inside = ranges;
  inside.push_back(surrogates);
  return rest(merged(std::move(inside)));
}

CodePoints difference(const CodePoints &ranges, const CodePoints &without) {
  CodePoints outside = rest(ranges);
  outside.insert(outside.end(), without.begin(), without.end());
  return rest(merged(std::move(outside)));
}

ExpressionId Grammar::add(Expression expression) {
  if (expressions_.size() >= limits::expressions) {
    tooLarge_ = true;
    return 0;
  }
  expressions_.push_back(std::move(expression));
  return static_cast<ExpressionId>(expressions_.size() - 1);
}

ExpressionId Grammar::literal(std::string_view text) {
  return add({.kind = Expression::Kind::Literal, .literal = std::string(text)});
}

ExpressionId Grammar::characters(CodePoints ranges) {
  return add({.kind = Expression::Kind::Class,
              .ranges = normalized(std::move(ranges))});
}

ExpressionId Grammar::use(uint32_t rule) {
  return add({.kind = Expression::Kind::Rule, .rule = rule});
}

ExpressionId Grammar::sequence(std::vector<ExpressionId> parts) {
  if (parts.size() == 1)
    return parts[0];
  return add({.kind = Expression::Kind::Sequence, .parts = std::move(parts)});
}

ExpressionId Grammar::choice(std::vector<ExpressionId> parts) {
  if (parts.size() == 1)
    return parts[0];
  return add({.kind = Expression::Kind::Choice, .parts = std::move(parts)});
}

ExpressionId Grammar::repeat(ExpressionId part, uint32_t least, uint32_t most) {
  return add({.kind = Expression::Kind::Repeat,
              .parts = {part},
              .least = least,
              .most = most});
}

uint32_t Grammar::addRule(std::string name) {
  if (rules_.size() >= limits::rules) {
    tooLarge_ = true;
    return 0;
  }
  rules_.push_back({std::move(name), 0});
  return static_cast<uint32_t>(rules_.size() - 1);
}

Status Grammar::tooLarge() {
  return Status(Code::Resource,
                fmt::format("the grammar has more than {} rules or {} parts",
                            limits::rules, limits::expressions));
}

} // namespace llmc::grammar
