// SPDX-License-Identifier: Apache-2.0
// Which type each weight gets, so that all of them together take few bits and
// lose little. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace llmc::quantize {

/// What a type would cost one weight.
struct TypeOption {
  uint64_t bits; ///< of all its numbers
  double loss;
};

/// The option of each weight, with sums of bits of at most `budget`: steps to
/// more bits are taken in the order of what they save per bit, on the convex
/// hull of each weight's options. Nothing where even the fewest bits are too
/// many. Of equal steps the one of the earlier weight is first.
std::optional<std::vector<size_t>>
assignTypes(const std::vector<std::vector<TypeOption>> &weights,
            uint64_t budget);

} // namespace llmc::quantize
