// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/StateMasks.h"
#include <algorithm>

namespace llmc::grammar {

static constexpr size_t mostBytes = size_t(256) << 20; // of all masks

static size_t bytesOf(const StateMask &mask) {
  return mask.bits.size() * sizeof(uint64_t) +
         (mask.tokens.size() + mask.uncertain.size()) * sizeof(uint32_t) +
         sizeof(StateMask);
}

const StateMask &StateMasks::of(StateId state) {
  auto it = known_.find(state);
  if (it != known_.end())
    return it->second;
  StateMask mask;
  computeWalk(state, mask);
  if (!sets_.failure().ok()) { // then it is not whole
    static const StateMask nothing;
    return nothing;
  }
  set(state, std::move(mask));
  return known_[state];
}

void StateMasks::set(StateId state, StateMask mask) {
  if (bytes_ > mostBytes) {
    known_.clear();
    bytes_ = 0;
  }
  // A list is quicker to add to a mask as long as it is shorter than the bits.
  if (mask.tokens.size() > trie_.idLimit() / 64) {
    mask.bits.assign((trie_.idLimit() + 63) / 64, 0);
    for (uint32_t token : mask.tokens)
      allow(mask.bits, token);
    mask.tokens = {};
  }
  std::sort(mask.tokens.begin(), mask.tokens.end());
  mask.tokens.shrink_to_fit();
  bytes_ += bytesOf(mask);
  known_[state] = std::move(mask);
}

namespace {

/// Where the walk is on the way to a node.
struct Step {
  SetId set;
  bool hasEnded; // before or at the node: a caller may read the rest
};

} // namespace

void StateMasks::computeWalk(StateId state, StateMask &mask) {
  const auto &nodes = trie_.nodes();
  std::vector<Step> path(trie_.longest() + 1);
  path[0] = {sets_.startAt(state), false};
  if (path[0].set == StateSets::dead)
    return; // only of a failure
  auto tokensOf = [&](size_t from, size_t to, auto take) {
    for (TokenTrie::Rank r = nodes[from].tokens; r < nodes[to].tokens; ++r)
      take(r);
  };
  for (uint32_t i = 0; i < trie_.nodeCount() && sets_.failure().ok();) {
    const TokenTrie::Node &node = nodes[i];
    Step before = path[node.depth];
    SetId set = sets_.step(before.set, node.byte);
    if (set == StateSets::dead) {
      if (before.hasEnded)
        tokensOf(i, node.next,
                 [&](TokenTrie::Rank r) { mask.uncertain.push_back(r); });
      i = node.next;
      continue;
    }
    tokensOf(i, i + 1,
             [&](TokenTrie::Rank r) { mask.tokens.push_back(trie_.token(r)); });
    path[node.depth + 1] = {set, before.hasEnded || sets_.isEnd(set)};
    ++i;
  }
}

void StateMasks::allowAll(StateSets &sets, SetId set, const TokenTrie &trie,
                          TokenBits &bits) {
  const auto &nodes = trie.nodes();
  std::vector<SetId> path(trie.longest() + 1);
  path[0] = set;
  for (uint32_t i = 0; i < trie.nodeCount();) {
    const TokenTrie::Node &node = nodes[i];
    SetId after = sets.step(path[node.depth], node.byte);
    if (after == StateSets::dead) {
      i = node.next;
      continue;
    }
    for (TokenTrie::Rank r = node.tokens; r < nodes[i + 1].tokens; ++r)
      allow(bits, trie.token(r));
    path[node.depth + 1] = after;
    ++i;
  }
}

} // namespace llmc::grammar
