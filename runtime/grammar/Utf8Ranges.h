// SPDX-License-Identifier: Apache-2.0
// A range of code points as sequences of ranges of bytes, for the automaton.
// Stateless.
#ifndef LLMC_RUNTIME_GRAMMAR_UTF8RANGES_H
#define LLMC_RUNTIME_GRAMMAR_UTF8RANGES_H

#include "runtime/grammar/Grammar.h"
#include <array>

namespace llmc::grammar {

struct Utf8Sequence {
  struct Bytes {
    uint8_t first, last;
    bool operator==(const Bytes &) const = default;
  };
  std::array<Bytes, 4> bytes;
  size_t length;
};

/// Their UTF-8 is exactly the texts of one byte of each range in order.
/// `ranges` are normalized.
std::vector<Utf8Sequence> utf8Sequences(const CodePoints &ranges);

} // namespace llmc::grammar

#endif
