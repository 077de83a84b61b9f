// SPDX-License-Identifier: Apache-2.0
// Writes seeds for fuzz-wav: a small file of each coding, one of them
// extensible.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

static std::string little(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i)
    out += static_cast<char>(value >> (8 * i));
  return out;
}

static std::string file(int tag, int bits, bool extensible) {
  int frame = 2 * bits / 8;
  std::string format = little(extensible ? 0xFFFE : tag, 2) + little(2, 2) +
                       little(16000, 4) + little(16000 * frame, 4) +
                       little(frame, 2) + little(bits, 2);
  if (extensible)
    format += little(22, 2) + little(bits, 2) + little(3, 4) + little(tag, 2) +
              std::string("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38"
                          "\x9B\x71",
                          14);
  std::string samples(static_cast<size_t>(3 * frame), '\x3E');
  std::string parts = "fmt " + little(format.size(), 4) + format + "LIST" +
                      little(4, 4) + "INFO" + "data" +
                      little(samples.size(), 4) + samples;
  return "RIFF" + little(parts.size() + 4, 4) + "WAVE" + parts;
}

int main(int count, char **arguments) {
  if (count != 2)
    return 2;
  std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  const int codings[][3] = {{1, 8, 0},  {1, 16, 0}, {1, 24, 1},
                            {1, 32, 0}, {3, 32, 1}, {3, 64, 0}};
  for (const auto &[tag, bits, extensible] : codings) {
    std::ofstream out(
        folder / (std::to_string(tag) + "-" + std::to_string(bits) + ".wav"),
        std::ios::binary);
    out << file(tag, bits, extensible != 0);
    if (!out)
      return 1;
  }
  return 0;
}
