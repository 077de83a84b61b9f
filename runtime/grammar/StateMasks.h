// SPDX-License-Identifier: Apache-2.0
// Which tokens one state of the automaton allows whatever its stack is:
// computed once for each state, when it is first met or by the compiler, and
// shared by all texts. Most tokens are decided by the state alone; the few that
// run past the end of its rule are kept to be tried on the stack at hand, as in
// XGrammar (Dong et al., 2024). Used by constraints; one thread at a time.
#ifndef LLMC_RUNTIME_GRAMMAR_STATEMASKS_H
#define LLMC_RUNTIME_GRAMMAR_STATEMASKS_H

#include "runtime/grammar/StateSets.h"
#include "runtime/grammar/TokenTrie.h"

namespace llmc::grammar {

/// Bits by token.
using TokenBits = std::vector<uint64_t>;

inline void allow(TokenBits &bits, uint32_t token) {
  bits[token / 64] |= uint64_t{1} << (token % 64);
}
inline bool isAllowed(std::span<const uint64_t> bits, size_t token) {
  return token / 64 < bits.size() && (bits[token / 64] >> (token % 64) & 1);
}

/// The tokens that a state's rule can read: as a list where they are few.
struct StateMask {
  TokenBits bits;                         // empty where `tokens` has them
  std::vector<uint32_t> tokens;           // sorted
  std::vector<TokenTrie::Rank> uncertain; // sorted
};

class StateMasks {
public:
  /// All must outlive it.
  StateMasks(StateSets &sets, const TokenTrie &trie)
      : sets_(sets), trie_(trie) {}

  /// Valid until the next call. Nothing after a failure, which the sets have.
  const StateMask &of(StateId state);
  /// Takes what was computed before.
  void set(StateId state, StateMask mask);

  /// Allows all tokens that a set of places reads, by a walk over the whole
  /// trie.
  static void allowAll(StateSets &sets, SetId set, const TokenTrie &trie,
                       TokenBits &bits);

private:
  void computeWalk(StateId state, StateMask &mask);

  StateSets &sets_;
  const TokenTrie &trie_;
  std::unordered_map<StateId, StateMask> known_;
  size_t bytes_ = 0;
};

} // namespace llmc::grammar

#endif
