// SPDX-License-Identifier: Apache-2.0
// The automaton run on bytes: a set has all places where it may be after a
// text, each a state and the stack of states to return to. Sets and stacks are
// kept once and known by number, and what a byte makes of a set is computed
// once. Used by constraints; one thread at a time.
#ifndef LLMC_RUNTIME_GRAMMAR_STATESETS_H
#define LLMC_RUNTIME_GRAMMAR_STATESETS_H

#include "runtime/grammar/Automaton.h"
#include <string_view>
#include <unordered_map>

namespace llmc::grammar {

namespace limits {
constexpr size_t stackDepth = 1000;            // calls inside of each other
constexpr size_t places = 1024;                // of one set
constexpr size_t setBytes = size_t(256) << 20; // of all sets together
} // namespace limits

using SetId = uint32_t;

class StateSets {
public:
  /// Nothing matches.
  static constexpr SetId dead = UINT32_MAX;

  struct Place {
    StateId state;
    uint32_t stack;
    auto operator<=>(const Place &) const = default;
  };

  /// The automaton must outlive it.
  explicit StateSets(const Automaton &automaton);

  /// Before any byte.
  SetId start();
  /// In one state of a rule, whoever called it: where the rule has ended,
  /// isEnd() holds, and what could follow is left out.
  SetId startAt(StateId state);

  /// After one byte more, or dead. Of a failure too: failure() then says what.
  SetId step(SetId set, uint8_t byte) {
    SetId &next =
        next_[set * automaton_.classCount() + automaton_.classOf(byte)];
    return next != unknown ? next : computeStep(set, automaton_.classOf(byte));
  }
  SetId step(SetId set, std::string_view bytes);

  /// The text, or the rule of startAt(), may end here.
  bool isEnd(SetId set) const { return sets_[set].isEnd; }
  /// Those that a byte leads on from, sorted.
  std::span<const Place> places(SetId set) const {
    return std::span(places_).subspan(sets_[set].begin, sets_[set].count);
  }

  /// The first failure: stacks too deep or sets too large.
  const Status &failure() const { return failure_; }
  /// About what it takes of memory.
  size_t bytes() const;
  /// Forgets all sets and the failure; numbers from before mean nothing.
  void clear();

private:
  static constexpr SetId unknown = UINT32_MAX - 1;
  static constexpr uint32_t wholeText = 0, anyCaller = 1; // stacks

  struct Set {
    size_t begin; // in places_
    uint32_t count;
    bool isEnd;
  };
  struct Stack {
    StateId after;
    uint32_t below;
    uint32_t depth;
  };

  SetId computeStep(SetId set, uint8_t byteClass);
  uint32_t push(StateId after, uint32_t below);
  void enter(Place place);
  void fail(std::string what);
  void follow();
  SetId keep();

  const Automaton &automaton_;
  std::vector<Set> sets_;
  std::vector<Place> places_; // of all sets
  std::vector<SetId> next_;   // [set][class]
  std::unordered_multimap<size_t, SetId> setsByHash_;
  std::vector<Stack> stacks_;
  std::unordered_map<uint64_t, uint32_t> stacksByTop_;
  Status failure_;

  // The set in the making: places to follow edges from, and all that were
  // entered; in the end those with bytes.
  std::vector<Place> open_, made_;
  bool isEnd_ = false;
  // What was entered: a hash table whose slots of other stamps are free.
  struct Slot {
    Place place;
    uint64_t stamp;
  };
  std::vector<Slot> slots_;
  uint64_t stamp_ = 0;
  size_t enteredCount_ = 0;
};

} // namespace llmc::grammar

#endif
