// SPDX-License-Identifier: Apache-2.0
// The texts of a vocabulary's tokens as a prefix tree in one array, so that a
// walk over all of them reads every common beginning once. Immutable; shared by
// the constraints of a model, on any threads.
#ifndef LLMC_RUNTIME_GRAMMAR_TOKENTRIE_H
#define LLMC_RUNTIME_GRAMMAR_TOKENTRIE_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::grammar {

class TokenTrie {
public:
  /// A place in the order of the tokens' texts; tokens of the same text lie
  /// beside each other.
  using Rank = uint32_t;

  struct Node {
    uint32_t depth; // of its byte, 0 for the first
    uint32_t next;  // the node after all that begin with it
    Rank tokens;    // from here on those that are or begin with it
    uint8_t byte;
  };

  /// Of texts by token; tokens with an empty text are left out.
  explicit TokenTrie(std::span<const std::string> texts);

  /// In preorder; one more at the end closes the ranges of ranks.
  const std::vector<Node> &nodes() const { return nodes_; }
  size_t nodeCount() const { return nodes_.size() - 1; }
  /// Of the tokens that are the node's text, as far as the next node's.
  uint32_t token(Rank rank) const { return tokens_[rank]; }
  std::string_view text(Rank rank) const {
    return std::string_view(bytes_).substr(begins_[rank],
                                           begins_[rank + 1] - begins_[rank]);
  }
  /// Empty for one that is left out.
  std::string_view textOf(uint32_t token) const {
    return token < ranks_.size() && ranks_[token] != noRank
               ? text(ranks_[token])
               : std::string_view();
  }
  size_t tokenCount() const { return tokens_.size(); }
  /// All tokens are below.
  size_t idLimit() const { return idLimit_; }
  size_t longest() const { return longest_; } // text, in bytes

private:
  static constexpr Rank noRank = UINT32_MAX;
  void addNodes();

  std::vector<Node> nodes_;
  std::vector<uint32_t> tokens_; // by rank
  std::vector<Rank> ranks_;      // by token
  std::string bytes_;
  std::vector<size_t> begins_; // by rank, in bytes_
  size_t idLimit_ = 0;
  size_t longest_ = 0;
};

} // namespace llmc::grammar

#endif
