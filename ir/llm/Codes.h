// SPDX-License-Identifier: Apache-2.0
// Numbers of few bits that are not integers: floats of 4 and 8 bits, and the
// quantiles that NF4 has. A code is the bits that are stored. Used where
// weights become such numbers and where they are read from models. Pure
// functions; the same results on every machine.
#pragma once

#include <cstdint>
#include <span>

namespace llmc::llm {

enum class Codes {
  None, ///< integers
  NF4,  ///< quantiles of a normal distribution (Dettmers et al., 2023)
  E2M1, ///< floats of 4 bits, of OCP's Microscaling Formats 1.0
  E4M3, ///< floats of 8 bits without infinities (OCP, 2023)
  E5M2  ///< floats of 8 bits
};

/// What each code stands for: 16 or 256 numbers, NaN and infinities included.
std::span<const float> codebook(Codes codes);
/// The largest number that a code stands for; the least is its negative.
float largestCode(Codes codes);
/// The code of the nearest number, the even one of two, of the largest for what
/// is beyond it. x is not NaN.
int32_t nearestCode(Codes codes, float x);

} // namespace llmc::llm
