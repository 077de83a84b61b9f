// SPDX-License-Identifier: Apache-2.0
// A grammar as a machine over bytes: one nondeterministic automaton for each
// rule, with edges for ranges of bytes, edges without bytes, and calls of other
// rules, which a stack of return states follows. Immutable after it is built;
// any number of threads may read it.
#ifndef LLMC_RUNTIME_GRAMMAR_AUTOMATON_H
#define LLMC_RUNTIME_GRAMMAR_AUTOMATON_H

#include "runtime/grammar/Grammar.h"
#include <array>
#include <span>

namespace llmc::grammar {

using StateId = uint32_t;

class Automaton {
public:
  struct ByteEdge {
    uint8_t first, last; // classes of bytes, both included
    StateId target;
  };
  struct Call {
    StateId start; // of the rule
    StateId after; // where it returns to
  };

  /// BadInput where rules are refused, Resource where it would be too large.
  static Result<Automaton> build(const Grammar &grammar);

  StateId start() const { return start_; }
  size_t size() const { return isEnd_.size(); }
  std::span<const ByteEdge> byteEdges(StateId state) const {
    return bytes_.of(state);
  }
  std::span<const StateId> freeEdges(StateId state) const {
    return free_.of(state);
  }
  std::span<const Call> calls(StateId state) const { return calls_.of(state); }
  /// The rule may end here; nothing leads on from such a state.
  bool isEnd(StateId state) const { return isEnd_[state]; }

  /// Bytes that no edge tells apart are of one class.
  uint8_t classOf(uint8_t byte) const { return classes_[byte]; }
  size_t classCount() const { return classCount_; }
  const std::array<uint8_t, 256> &classes() const { return classes_; }

private:
  friend class AutomatonBuilder;

  /// The edges of each state, one after another.
  template <typename Edge> struct Edges {
    std::vector<uint32_t> begins;
    std::vector<Edge> edges;

    std::span<const Edge> of(StateId state) const {
      return std::span(edges).subspan(begins[state],
                                      begins[state + 1] - begins[state]);
    }
  };

  Edges<ByteEdge> bytes_;
  Edges<StateId> free_;
  Edges<Call> calls_;
  std::vector<bool> isEnd_;
  std::array<uint8_t, 256> classes_ = {};
  size_t classCount_ = 0;
  StateId start_ = 0;
};

} // namespace llmc::grammar

#endif
