// SPDX-License-Identifier: Apache-2.0
// Random bits that are a function of a counter and a key, with no state: who
// draws what, and in which order, changes nothing. Used by the sampler.
#ifndef LLMC_RUNTIME_SESSION_PHILOX_H
#define LLMC_RUNTIME_SESSION_PHILOX_H

#include <array>
#include <cstdint>

namespace llmc {

/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy
/// as 1, 2, 3, 2011).
constexpr std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter,
                                         std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t even = uint64_t(0xD2511F53) * counter[0],
             odd = uint64_t(0xCD9E8D57) * counter[2];
    counter = {static_cast<uint32_t>(odd >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(odd),
               static_cast<uint32_t>(even >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(even)};
    key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};
  }
  return counter;
}

/// A number in [0, 1), of 53 bits, for each place in each sequence of a seed.
constexpr double uniformAt(uint64_t seed, uint64_t sequence, uint64_t place) {
  auto low = [](uint64_t value) { return static_cast<uint32_t>(value); };
  auto bits =
      philox({low(place), low(place >> 32), low(sequence), low(sequence >> 32)},
             {low(seed), low(seed >> 32)});
  return static_cast<double>((uint64_t(bits[1]) << 32 | bits[0]) >> 11) *
         0x1p-53;
}

} // namespace llmc

#endif
