// SPDX-License-Identifier: Apache-2.0
// The byte-level alphabet: 256 printable characters that stand for the bytes
// (GPT-2, https://github.com/openai/gpt-2). Stateless functions.
#ifndef LLMC_RUNTIME_TEXT_BYTELEVEL_H
#define LLMC_RUNTIME_TEXT_BYTELEVEL_H

#include <cstdint>
#include <string>
#include <string_view>

namespace llmc::text {

/// The character that stands for a byte; below U+0144.
char32_t byteToChar(unsigned char byte);
/// The byte that a character stands for, or -1.
int charToByte(char32_t c);

/// `bytes` in the alphabet, appended.
void appendByteLevel(std::string &out, std::string_view bytes);

} // namespace llmc::text

#endif
