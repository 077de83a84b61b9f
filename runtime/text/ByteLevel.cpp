// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/ByteLevel.h"
#include "runtime/text/Utf8.h"
#include <array>

namespace llmc::text {

namespace {

struct Alphabet {
  std::array<char32_t, 256> chars;
  std::array<int16_t, 0x144> bytes;

  Alphabet() {
    bytes.fill(-1);
    char32_t next = 0x100;
    for (int b = 0; b < 256; ++b) {
      bool printable =
          (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      chars[b] = printable ? static_cast<char32_t>(b) : next++;
      bytes[chars[b]] = static_cast<int16_t>(b);
    }
  }
};

const Alphabet alphabet;

} // namespace

char32_t byteToChar(unsigned char byte) { return alphabet.chars[byte]; }

int charToByte(char32_t c) { return c < 0x144 ? alphabet.bytes[c] : -1; }

void appendByteLevel(std::string &out, std::string_view bytes) {
  for (char c : bytes)
    appendUtf8(out, byteToChar(static_cast<unsigned char>(c)));
}

} // namespace llmc::text
