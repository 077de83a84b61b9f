// SPDX-License-Identifier: Apache-2.0
// The signs in front of a rotation's Hadamard matrix (Rotation.h), for weights
// and kernels. A pure function.
#pragma once

#include <cstdint>

namespace llmc::llm {

/// Whether the number at this place of a block is negated: the last step of
/// SplitMix64 (Steele et al., 2014), for signs that look like drawn ones.
inline bool rotationNegates(uint64_t place) {
  uint64_t z = (place + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return (z >> 63) != 0;
}

} // namespace llmc::llm
