// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/Utf8Ranges.h"
#include "runtime/text/Utf8.h"
#include <algorithm>

namespace llmc::grammar {

/// Both ends have equally many bytes, and each byte but the last ones that
/// differ spans all continuations, or the range is cut in two.
static void append(CodePointRange range, std::vector<Utf8Sequence> &out) {
  for (int tail = 1; tail <= 3; ++tail) {
    uint32_t mask = (uint32_t{1} << (6 * tail)) - 1;
    if ((range.first & ~mask) == (range.last & ~mask))
      continue;
    if ((range.first & mask) != 0) {
      append({range.first, range.first | mask}, out);
      append({(range.first | mask) + 1, range.last}, out);
      return;
    }
    if ((range.last & mask) != mask) {
      append({range.first, (range.last & ~mask) - 1}, out);
      append({range.last & ~mask, range.last}, out);
      return;
    }
  }
  std::string first, last;
  text::appendUtf8(first, range.first);
  text::appendUtf8(last, range.last);
  Utf8Sequence sequence = {{}, first.size()};
  for (size_t i = 0; i < first.size(); ++i)
    sequence.bytes[i] = {static_cast<uint8_t>(first[i]),
                         static_cast<uint8_t>(last[i])};
  out.push_back(sequence);
}

std::vector<Utf8Sequence> utf8Sequences(const CodePoints &ranges) {
  constexpr CodePointRange sizes[] = {
      {0, 0x7F}, {0x80, 0x7FF}, {0x800, 0xFFFF}, {0x10000, 0x10FFFF}};
  std::vector<Utf8Sequence> out;
  for (CodePointRange range : ranges)
    for (CodePointRange size : sizes) {
      CodePointRange part = {std::max(range.first, size.first),
                             std::min(range.last, size.last)};
      if (part.first <= part.last)
        append(part, out);
    }
  return out;
}

} // namespace llmc::grammar
