// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cpu/Features.h"
#if defined(__aarch64__)
#include <cstdint>
#include <sys/auxv.h>

namespace llmc {

namespace {
struct Row {
  const char *name;
  int word; // 1: AT_HWCAP, 2: AT_HWCAP2
  int bit;  // of Linux's asm/hwcap.h
};

constexpr Row rows[] = {
    {"fp-armv8", 1, 0},   {"neon", 1, 1},     {"aes", 1, 3},
    {"sha2", 1, 6},       {"crc", 1, 7},      {"lse", 1, 8},
    {"fullfp16", 1, 10},  {"rdm", 1, 12},     {"jsconv", 1, 13},
    {"complxnum", 1, 14}, {"rcpc", 1, 15},    {"ccpp", 1, 16},
    {"sha3", 1, 17},      {"sm4", 1, 19},     {"dotprod", 1, 20},
    {"sve", 1, 22},       {"fp16fml", 1, 23}, {"dit", 1, 24},
    {"sb", 1, 29},        {"ccdp", 2, 0},     {"sve2", 2, 1},
    {"flagm", 1, 27},     {"altnzcv", 2, 7},  {"fptoint", 2, 8},
    {"i8mm", 2, 13},      {"bf16", 2, 14},    {"bti", 2, 17},
    {"sme", 2, 23},
};
} // namespace

const std::set<std::string, std::less<>> &hostFeatures() {
  static const std::set<std::string, std::less<>> features = [] {
    std::set<std::string, std::less<>> found;
    uint64_t words[] = {0, getauxval(AT_HWCAP), getauxval(AT_HWCAP2)};
    for (const Row &row : rows)
      if (words[row.word] >> row.bit & 1)
        found.insert(row.name);
    return found;
  }();
  return features;
}

std::string_view hostArchitecture() { return "aarch64"; }

} // namespace llmc
#endif
