// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/FlatMap.h"
#include <random>

namespace llmc::text {

static uint64_t randomSeed() {
  try {
    std::random_device device;
    return uint64_t(device()) << 32 | device();
  } catch (const std::exception &) {
    // No entropy source: the address of a local still varies.
    int local = 0;
    return reinterpret_cast<uintptr_t>(&local) * 0x9E3779B97F4A7C15ull;
  }
}

uint64_t hashSeed() {
  static const uint64_t seed = randomSeed();
  return seed;
}

size_t StringMap::find(std::string_view key, uint32_t hash) const {
  size_t i = hash & mask_;
  for (;; i = (i + 1) & mask_) {
    const Slot &slot = slots_[i];
    if (slot.value == noId)
      return i;
    if (slot.hash == hash && slot.length == key.size() &&
        std::memcmp(arena_.data() + slot.offset, key.data(), key.size()) == 0)
      return i;
  }
}

void StringMap::grow() {
  std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot &slot : old) {
    if (slot.value == noId)
      continue;
    size_t i = slot.hash & mask_;
    while (slots_[i].value != noId)
      i = (i + 1) & mask_;
    slots_[i] = slot;
  }
}

void StringMap::set(std::string_view key, uint32_t value) {
  if (count_ * 2 >= slots_.size())
    grow();
  auto hash = static_cast<uint32_t>(hashBytes(key, seed_));
  Slot &slot = slots_[find(key, hash)];
  if (slot.value == noId) {
    slot = {hash, static_cast<uint32_t>(arena_.size()),
            static_cast<uint32_t>(key.size()), value};
    arena_.append(key);
    ++count_;
  }
  slot.value = value;
}

uint32_t StringMap::get(std::string_view key) const {
  if (slots_.empty())
    return noId;
  return slots_[find(key, static_cast<uint32_t>(hashBytes(key, seed_)))].value;
}

void ByteTrie::add(std::string_view key, uint32_t value) {
  uint32_t node = 0;
  for (char c : key) {
    uint32_t &child =
        edges_[uint64_t(node) << 8 | static_cast<unsigned char>(c)];
    if (child == 0) {
      child = static_cast<uint32_t>(accepted_.size());
      accepted_.push_back(noId);
    }
    node = child;
  }
  accepted_[node] = value;
  longest_ = longest_ < key.size() ? key.size() : longest_;
}

} // namespace llmc::text
