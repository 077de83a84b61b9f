// SPDX-License-Identifier: Apache-2.0
// Open-addressing hash tables of the tokenizer: pairs of ids, strings in an
// arena, and a byte trie. Built once at load, then read by any thread. Hashes
// are seeded per process, so that a file cannot choose its collisions.
#ifndef LLMC_RUNTIME_TEXT_FLATMAP_H
#define LLMC_RUNTIME_TEXT_FLATMAP_H

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace llmc::text {

constexpr uint32_t noId = 0xFFFFFFFFu;

uint64_t hashSeed();

inline uint64_t mixHash(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t hashKey(uint64_t key, uint64_t seed) {
  return mixHash(key ^ seed, 0x9E3779B97F4A7C15ull);
}

inline uint64_t load64(const char *p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}
inline uint64_t load32(const char *p) {
  uint32_t word;
  std::memcpy(&word, p, 4);
  return word;
}

inline uint64_t hashBytes(std::string_view bytes, uint64_t seed) {
  const char *p = bytes.data();
  size_t n = bytes.size();
  constexpr uint64_t first = 0xA0761D6478BD642Full;
  constexpr uint64_t second = 0xE7037ED1A0B428DBull;
  uint64_t hash = seed ^ n * first;
  if (n >= 8) {
    for (; n > 16; p += 8, n -= 8)
      hash = mixHash(hash ^ load64(p), first);
    return mixHash(hash ^ load64(p), second ^ load64(p + n - 8));
  }
  uint64_t tail = 0;
  if (n >= 4)
    tail = load32(p) << 32 | load32(p + n - 4);
  else if (n > 0)
    tail = uint64_t(static_cast<unsigned char>(p[0])) << 16 |
           uint64_t(static_cast<unsigned char>(p[n / 2])) << 8 |
           static_cast<unsigned char>(p[n - 1]);
  return mixHash(hash ^ tail, second);
}

/// uint64 -> V. The key ~0 is reserved.
template <typename V> class KeyMap {
public:
  struct Slot {
    uint64_t key = ~0ull;
    V value = {};
  };

  void reserve(size_t count) {
    size_t size = 16;
    while (size < count * 2)
      size *= 2;
    if (size > slots_.size())
      rehash(size);
  }
  /// The value of `key`, made when it is new.
  V &operator[](uint64_t key) {
    if (count_ * 2 >= slots_.size())
      rehash(slots_.empty() ? 16 : slots_.size() * 2);
    Slot &slot = slots_[find(key)];
    if (slot.key != key) {
      slot.key = key;
      ++count_;
    }
    return slot.value;
  }
  const V *get(uint64_t key) const {
    if (slots_.empty())
      return nullptr;
    const Slot &slot = slots_[find(key)];
    return slot.key == key ? &slot.value : nullptr;
  }
  size_t size() const { return count_; }

private:
  size_t find(uint64_t key) const {
    size_t i = hashKey(key, seed_) & mask_;
    while (slots_[i].key != key && slots_[i].key != ~0ull)
      i = (i + 1) & mask_;
    return i;
  }
  void rehash(size_t size) {
    std::vector<Slot> old(size);
    old.swap(slots_);
    mask_ = size - 1;
    for (const Slot &slot : old)
      if (slot.key != ~0ull)
        slots_[find(slot.key)] = slot;
  }
  std::vector<Slot> slots_;
  size_t mask_ = 0;
  size_t count_ = 0;
  uint64_t seed_ = hashSeed();
};

/// string -> id, the strings in one arena.
class StringMap {
public:
  /// Adds or overwrites.
  void set(std::string_view key, uint32_t value);
  uint32_t get(std::string_view key) const;
  size_t size() const { return count_; }
  template <typename Visitor> void forEach(Visitor visit) const {
    for (const Slot &slot : slots_)
      if (slot.value != noId)
        visit(std::string_view(arena_).substr(slot.offset, slot.length),
              slot.value);
  }

private:
  struct Slot {
    uint32_t hash = 0;
    uint32_t offset = 0;
    uint32_t length = 0;
    uint32_t value = noId;
  };
  size_t find(std::string_view key, uint32_t hash) const;
  void grow();
  std::string arena_;
  std::vector<Slot> slots_;
  size_t mask_ = 0;
  size_t count_ = 0;
  uint64_t seed_ = hashSeed();
};

/// A trie over bytes; node 0 is the root.
class ByteTrie {
public:
  ByteTrie() : accepted_(1, noId), longest_(0) {}
  /// A later value of the same key wins.
  void add(std::string_view key, uint32_t value);
  /// The child, or noId.
  uint32_t step(uint32_t node, unsigned char byte) const {
    const uint32_t *child = edges_.get(uint64_t(node) << 8 | byte);
    return child ? *child : noId;
  }
  /// The node that `prefix` leads to, or noId.
  uint32_t walk(std::string_view prefix, uint32_t node = 0) const {
    for (size_t i = 0; i < prefix.size() && node != noId; ++i)
      node = step(node, static_cast<unsigned char>(prefix[i]));
    return node;
  }
  uint32_t accepted(uint32_t node) const { return accepted_[node]; }
  size_t longest() const { return longest_; }

private:
  KeyMap<uint32_t> edges_;
  std::vector<uint32_t> accepted_;
  size_t longest_;
};

} // namespace llmc::text

#endif
