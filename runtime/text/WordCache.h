// SPDX-License-Identifier: Apache-2.0
// Remembers the pieces of short words, direct-mapped, in a fixed amount of
// memory. Belongs to one encode at a time.
#ifndef LLMC_RUNTIME_TEXT_WORDCACHE_H
#define LLMC_RUNTIME_TEXT_WORDCACHE_H

#include "runtime/text/FlatMap.h"

namespace llmc::text {

class WordCache {
public:
  static constexpr size_t maxBytes = 30;
  static constexpr size_t maxPieces = 6;
  struct alignas(64) Entry {
    uint8_t length = 0; // 0: free
    uint8_t count = 0;
    char word[maxBytes];
    uint32_t ids[maxPieces];
    uint8_t lengths[maxPieces];
  };

  /// The entry that `word` (1 to maxBytes long) has or would replace.
  Entry &slot(std::string_view word) {
    if (entries_.empty())
      entries_.resize(size);
    return entries_[hashBytes(word, seed_) & (size - 1)];
  }
  static bool holds(const Entry &entry, std::string_view word) {
    return entry.length == word.size() &&
           std::memcmp(entry.word, word.data(), word.size()) == 0;
  }

private:
  static constexpr size_t size = 16384;
  std::vector<Entry> entries_;
  uint64_t seed_ = hashSeed();
};

} // namespace llmc::text

#endif
