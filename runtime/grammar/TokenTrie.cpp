// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/TokenTrie.h"
#include <algorithm>

namespace llmc::grammar {

TokenTrie::TokenTrie(std::span<const std::string> texts)
    : ranks_(texts.size(), noRank), idLimit_(texts.size()) {
  for (uint32_t token = 0; token < texts.size(); ++token)
    if (!texts[token].empty())
      tokens_.push_back(token);
  std::sort(tokens_.begin(), tokens_.end(), [&](uint32_t a, uint32_t b) {
    int order = texts[a].compare(texts[b]);
    return order != 0 ? order < 0 : a < b;
  });
  for (uint32_t token : tokens_) {
    ranks_[token] = static_cast<Rank>(begins_.size());
    begins_.push_back(bytes_.size());
    bytes_ += texts[token];
    longest_ = std::max(longest_, texts[token].size());
  }
  begins_.push_back(bytes_.size());
  addNodes();
}

void TokenTrie::addNodes() {
  std::vector<uint32_t> open; // the nodes on the way to the last token
  for (Rank rank = 0; rank < tokens_.size(); ++rank) {
    std::string_view now = text(rank),
                     before = rank > 0 ? text(rank - 1) : std::string_view();
    size_t common = static_cast<size_t>(
        std::mismatch(now.begin(), now.end(), before.begin(), before.end())
            .first -
        now.begin());
    for (; open.size() > common; open.pop_back())
      nodes_[open.back()].next = static_cast<uint32_t>(nodes_.size());
    for (size_t depth = common; depth < now.size(); ++depth) {
      open.push_back(static_cast<uint32_t>(nodes_.size()));
      nodes_.push_back({static_cast<uint32_t>(depth), 0, rank,
                        static_cast<uint8_t>(now[depth])});
    }
  }
  auto end = static_cast<uint32_t>(nodes_.size());
  for (uint32_t node : open)
    nodes_[node].next = end;
  nodes_.push_back({0, end, static_cast<Rank>(tokens_.size()), 0});
}

} // namespace llmc::grammar
