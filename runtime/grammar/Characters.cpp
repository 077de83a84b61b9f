// SPDX-License-Identifier: Apache-2.0
#include "runtime/grammar/Characters.h"
#include <algorithm>

namespace llmc::grammar {

std::optional<uint32_t> Characters::hexadecimal(int digits) {
  uint32_t value = 0;
  for (int i = 0; i < digits; ++i) {
    char c = peek();
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0)
      return std::nullopt;
    value = value * 16 + static_cast<uint32_t>(digit);
    ++at_;
  }
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
    return std::nullopt;
  return value;
}

std::optional<uint32_t> Characters::decimal(uint32_t most) {
  uint64_t value = 0;
  size_t begin = at_;
  for (; peek() >= '0' && peek() <= '9'; ++at_)
    value = std::min<uint64_t>(value * 10 + static_cast<uint64_t>(peek() - '0'),
                               uint64_t{most} + 1);
  if (at_ == begin)
    return std::nullopt;
  return static_cast<uint32_t>(value);
}

} // namespace llmc::grammar
