// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/Automaton.h"
#include "runtime/grammar/Utf8Ranges.h"
#include <algorithm>
#include <fmt/format.h>

namespace llmc::grammar {

using Kind = Expression::Kind;

/// Small rules stand in place of their calls, so that what a byte does is known
/// without the stack: at most so many states each, to this many levels.
static constexpr size_t inlinedStates = 40;
static constexpr int inlinedLevels = 4;

class AutomatonBuilder {
public:
  explicit AutomatonBuilder(const Grammar &grammar)
      : grammar_(grammar), isInlined_(grammar.rules().size(), false),
        costs_(grammar.rules().size(), inlinedStates) {}

  Result<Automaton> run() {
    if (auto nullable = checkRules(grammar_); !nullable)
      return nullable.takeStatus();
    for (ExpressionId id = 0; id < grammar_.size(); ++id)
      isNever_.push_back(matchesNothing(grammar_.at(id)));
    for (int level = 0; level < inlinedLevels; ++level)
      chooseInlined();
    size_t rules = grammar_.rules().size();
    for (size_t rule = 0; rule < rules; ++rule)
      starts_.push_back(addState());
    for (size_t rule = 0; rule < rules && !isTooLarge_; ++rule)
      if (!isInlined_[rule] || rule == grammar_.root()) {
        StateId end = addState();
        isEnd_[end] = true;
        build(grammar_.rules()[rule].body, starts_[rule], end);
      }
    if (isTooLarge_)
      return Status(Code::Resource,
                    fmt::format("the grammar needs more than {} states: it "
                                "repeats too much, too often",
                                limits::states));
    return finish();
  }

private:
  using ByteEdge = Automaton::ByteEdge;
  template <typename Edge> struct From {
    StateId state;
    Edge edge;
  };

  StateId addState() {
    isTooLarge_ |= isEnd_.size() >= limits::states;
    if (isTooLarge_)
      return 0;
    isEnd_.push_back(false);
    return static_cast<StateId>(isEnd_.size() - 1);
  }
  void addFree(StateId from, StateId to) {
    if (from != to)
      free_.push_back({from, to});
  }

  /// Parts come before what they are part of. Every rule matches something.
  bool matchesNothing(const Expression &e) const {
    auto isNever = [this](ExpressionId part) { return isNever_[part]; };
    switch (e.kind) {
    case Kind::Class:
      return e.ranges.empty();
    case Kind::Sequence:
      return std::any_of(e.parts.begin(), e.parts.end(), isNever);
    case Kind::Choice:
      return std::all_of(e.parts.begin(), e.parts.end(), isNever);
    case Kind::Repeat:
      return e.least > 0 && isNever(e.parts[0]);
    case Kind::Literal:
    case Kind::Rule:
      break;
    }
    return false;
  }

  void chooseInlined() {
    std::vector<bool> next = isInlined_;
    for (size_t rule = 0; rule < next.size(); ++rule)
      if (!next[rule]) {
        size_t cost = costOf(grammar_.rules()[rule].body);
        next[rule] = cost < inlinedStates;
        costs_[rule] = cost;
      }
    isInlined_ = std::move(next);
  }

  /// About how many states it takes; inlinedStates: too many. What repeats
  /// without end is always shared.
  size_t costOf(ExpressionId id) const {
    const Expression &e = grammar_.at(id);
    size_t cost = 0;
    switch (e.kind) {
    case Kind::Literal:
      cost = e.literal.size();
      break;
    case Kind::Class:
      cost = e.ranges.empty() || e.ranges.back().last < 0x80 ? 1 : 12;
      break;
    case Kind::Rule:
      cost = isInlined_[e.rule] ? costs_[e.rule] : inlinedStates;
      break;
    case Kind::Sequence:
    case Kind::Choice:
      for (ExpressionId part : e.parts) {
        cost += costOf(part) + 1;
        if (cost >= inlinedStates)
          break;
      }
      break;
    case Kind::Repeat:
      cost = e.most == Expression::unbounded ? inlinedStates
                                             : e.most * costOf(e.parts[0]) + 1;
      break;
    }
    return std::min(cost, inlinedStates);
  }

  /// Ways between two states that read what the expression matches. `from` may
  /// have other edges, `to` may be entered from elsewhere. No way is begun that
  /// leads nowhere.
  void build(ExpressionId id, StateId from, StateId to) {
    if (isTooLarge_ || isNever_[id])
      return;
    const Expression &e = grammar_.at(id);
    switch (e.kind) {
    case Kind::Literal:
      buildLiteral(e.literal, from, to);
      break;
    case Kind::Class:
      buildClass(e.ranges, from, to);
      break;
    case Kind::Rule:
      buildRule(e.rule, from, to);
      break;
    case Kind::Sequence:
      for (size_t i = 0; i < e.parts.size(); ++i) {
        StateId next = i + 1 == e.parts.size() ? to : addState();
        build(e.parts[i], from, next);
        from = next;
      }
      break;
    case Kind::Choice:
      for (ExpressionId part : e.parts)
        build(part, from, to);
      break;
    case Kind::Repeat:
      buildRepeat(e, from, to);
      break;
    }
  }

  void buildLiteral(std::string_view literal, StateId from, StateId to) {
    if (literal.empty())
      addFree(from, to);
    for (size_t i = 0; i < literal.size(); ++i) {
      StateId next = i + 1 == literal.size() ? to : addState();
      auto byte = static_cast<uint8_t>(literal[i]);
      bytes_.push_back({from, {byte, byte, next}});
      from = next;
    }
  }

  /// Sequences that end in the same ranges of bytes share these states.
  void buildClass(const CodePoints &ranges, StateId from, StateId to) {
    struct Suffix {
      Utf8Sequence::Bytes bytes;
      StateId target, state;
    };
    std::vector<Suffix> suffixes;
    for (const Utf8Sequence &sequence : utf8Sequences(ranges)) {
      StateId target = to;
      for (size_t i = sequence.length - 1; i > 0; --i) {
        Utf8Sequence::Bytes bytes = sequence.bytes[i];
        const Suffix *known = nullptr;
        for (const Suffix &suffix : suffixes)
          if (suffix.bytes == bytes && suffix.target == target)
            known = &suffix;
        if (!known) {
          StateId state = addState();
          bytes_.push_back({state, {bytes.first, bytes.last, target}});
          suffixes.push_back({bytes, target, state});
          known = &suffixes.back();
        }
        target = known->state;
      }
      bytes_.push_back(
          {from, {sequence.bytes[0].first, sequence.bytes[0].last, target}});
    }
  }

  /// Nothing comes after a call that leads to a rule's end: that rule's stack
  /// serves it, so that right recursion needs none.
  void buildRule(uint32_t rule, StateId from, StateId to) {
    if (isInlined_[rule])
      build(grammar_.rules()[rule].body, from, to);
    else if (isEnd_[to])
      addFree(from, starts_[rule]);
    else
      calls_.push_back({from, {starts_[rule], to}});
  }

  void buildRepeat(const Expression &e, StateId from, StateId to) {
    ExpressionId part = e.parts[0];
    for (uint32_t i = 0; i < e.least && !isTooLarge_; ++i) {
      StateId next = addState();
      build(part, from, next);
      from = next;
    }
    if (e.most == Expression::unbounded) {
      StateId loop = addState();
      addFree(from, loop);
      build(part, loop, loop);
      addFree(loop, to);
      return;
    }
    for (uint32_t i = e.least; i < e.most && !isTooLarge_; ++i) {
      addFree(from, to);
      StateId next = addState();
      build(part, from, next);
      from = next;
    }
    addFree(from, to);
  }

  /// Bytes are told apart where a range begins or ends.
  void makeClasses(Automaton &automaton) {
    std::array<bool, 257> begins = {};
    for (const auto &[from, edge] : bytes_) {
      begins[edge.first] = true;
      begins[edge.last + 1u] = true;
    }
    uint8_t current = 0;
    for (size_t byte = 0; byte < 256; ++byte) {
      current = static_cast<uint8_t>(current + (byte > 0 && begins[byte]));
      automaton.classes_[byte] = current;
    }
    automaton.classCount_ = current + size_t{1};
    for (auto &[from, edge] : bytes_) {
      edge.first = automaton.classes_[edge.first];
      edge.last = automaton.classes_[edge.last];
    }
  }

  template <typename Edge>
  Automaton::Edges<Edge> byState(const std::vector<From<Edge>> &edges) const {
    Automaton::Edges<Edge> sorted;
    sorted.begins.assign(isEnd_.size() + 1, 0);
    for (const auto &[from, edge] : edges)
      ++sorted.begins[from + 1];
    for (size_t i = 1; i < sorted.begins.size(); ++i)
      sorted.begins[i] += sorted.begins[i - 1];
    sorted.edges.resize(edges.size());
    std::vector<uint32_t> next(sorted.begins);
    for (const auto &[from, edge] : edges)
      sorted.edges[next[from]++] = edge;
    return sorted;
  }

  Automaton finish() {
    Automaton automaton;
    makeClasses(automaton);
    automaton.bytes_ = byState(bytes_);
    automaton.free_ = byState(free_);
    automaton.calls_ = byState(calls_);
    automaton.isEnd_ = std::move(isEnd_);
    automaton.start_ = starts_[grammar_.root()];
    return automaton;
  }

  const Grammar &grammar_;
  std::vector<bool> isNever_;   // by expression
  std::vector<bool> isInlined_; // by rule
  std::vector<size_t> costs_;   // by rule
  std::vector<StateId> starts_; // by rule
  std::vector<From<ByteEdge>> bytes_;
  std::vector<From<StateId>> free_;
  std::vector<From<Automaton::Call>> calls_;
  std::vector<bool> isEnd_;
  bool isTooLarge_ = false;
};

Result<Automaton> Automaton::build(const Grammar &grammar) {
  return AutomatonBuilder(grammar).run();
}

} // namespace llmc::grammar
