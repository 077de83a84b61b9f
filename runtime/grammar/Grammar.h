// SPDX-License-Identifier: Apache-2.0
// A context-free grammar of texts: rules whose bodies are expressions over code
// points. Made by the parser of grammar files and by the reader of JSON
// schemas, consumed by the automaton's builder. Plain values.
#ifndef LLMC_RUNTIME_GRAMMAR_GRAMMAR_H
#define LLMC_RUNTIME_GRAMMAR_GRAMMAR_H

#include "runtime/core/Status.h"
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::grammar {

namespace limits {
constexpr size_t textBytes = size_t(4) << 20; // of a grammar or a schema
constexpr size_t depth = 100;                 // of parentheses, of subschemas
constexpr size_t rules = 50'000;
constexpr size_t expressions = 500'000;
constexpr uint32_t repetitions = 10'000; // the bounds of {m,n}
constexpr size_t states = 1'000'000;     // of the automaton
} // namespace limits

struct CodePointRange {
  uint32_t first, last; // both included
};
using CodePoints = std::vector<CodePointRange>;

/// Sorted and disjoint, without surrogates.
CodePoints normalized(CodePoints ranges);
/// All code points but these, which are normalized.
CodePoints complement(const CodePoints &ranges);
/// Those of `ranges` that are not in `without`; both are normalized.
CodePoints difference(const CodePoints &ranges, const CodePoints &without);

/// Index of an expression in its grammar. One may stand in several places.
using ExpressionId = uint32_t;

struct Expression {
  enum class Kind { Literal, Class, Rule, Sequence, Choice, Repeat };
  static constexpr uint32_t unbounded = UINT32_MAX;

  Kind kind = Kind::Literal;
  std::string literal = {};             // UTF-8
  CodePoints ranges = {};               // of a class, normalized
  uint32_t rule = 0;                    // index of the rule that is meant
  std::vector<ExpressionId> parts = {}; // a repetition has one
  uint32_t least = 0, most = 0;         // of a repetition
};

struct Rule {
  std::string name; // for messages
  ExpressionId body = 0;
};

class Grammar {
public:
  ExpressionId literal(std::string_view text);
  ExpressionId characters(CodePoints ranges); // one of them
  ExpressionId use(uint32_t rule);
  ExpressionId sequence(std::vector<ExpressionId> parts);
  ExpressionId choice(std::vector<ExpressionId> parts);
  ExpressionId repeat(ExpressionId part, uint32_t least, uint32_t most);
  ExpressionId optional(ExpressionId part) { return repeat(part, 0, 1); }
  ExpressionId empty() { return literal(""); }

  uint32_t addRule(std::string name);
  void setBody(uint32_t rule, ExpressionId body) { rules_[rule].body = body; }
  void setRoot(uint32_t rule) { root_ = rule; }

  /// More was added than the limits allow: what is here is not whole.
  bool isTooLarge() const { return tooLarge_; }
  /// What to say then.
  static Status tooLarge();

  const Expression &at(ExpressionId id) const { return expressions_[id]; }
  size_t size() const { return expressions_.size(); }
  const std::vector<Rule> &rules() const { return rules_; }
  uint32_t root() const { return root_; }

private:
  ExpressionId add(Expression expression);

  std::vector<Expression> expressions_;
  std::vector<Rule> rules_;
  uint32_t root_ = 0;
  bool tooLarge_ = false;
};

/// Which rules match the empty text. Refuses what no automaton of ours can
/// follow: rules that begin with themselves, and rules that never end.
Result<std::vector<bool>> checkRules(const Grammar &grammar);

} // namespace llmc::grammar

#endif
