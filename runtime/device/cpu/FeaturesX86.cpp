// SPDX-License-Identifier: Apache-2.0
#include "runtime/device/cpu/Features.h"
#if defined(__x86_64__)
#include <cpuid.h>
#include <cstdint>
#include <sys/syscall.h>
#include <unistd.h>

namespace llmc {

namespace {

enum Register { EAX, EBX, ECX, EDX };
// What the operating system must save for a feature, beside the CPU having it.
enum Needs { Nothing, Ymm, Zmm, Tile };

struct Row {
  const char *name;
  uint32_t leaf, subleaf;
  Register reg;
  int bit;
  Needs needs;
};

// The bits are those of Intel's manual, volume 2A, CPUID, and AMD's for leaf
// 0x80000001.
constexpr Row rows[] = {
    {"cx8", 1, 0, EDX, 8, Nothing},
    {"cmov", 1, 0, EDX, 15, Nothing},
    {"mmx", 1, 0, EDX, 23, Nothing},
    {"fxsr", 1, 0, EDX, 24, Nothing},
    {"sse", 1, 0, EDX, 25, Nothing},
    {"sse2", 1, 0, EDX, 26, Nothing},
    {"sse3", 1, 0, ECX, 0, Nothing},
    {"pclmul", 1, 0, ECX, 1, Nothing},
    {"ssse3", 1, 0, ECX, 9, Nothing},
    {"fma", 1, 0, ECX, 12, Ymm},
    {"cx16", 1, 0, ECX, 13, Nothing},
    {"sse4.1", 1, 0, ECX, 19, Nothing},
    {"sse4.2", 1, 0, ECX, 20, Nothing},
    {"crc32", 1, 0, ECX, 20, Nothing},
    {"movbe", 1, 0, ECX, 22, Nothing},
    {"popcnt", 1, 0, ECX, 23, Nothing},
    {"aes", 1, 0, ECX, 25, Nothing},
    {"xsave", 1, 0, ECX, 27, Nothing},
    {"avx", 1, 0, ECX, 28, Ymm},
    {"f16c", 1, 0, ECX, 29, Ymm},
    {"rdrnd", 1, 0, ECX, 30, Nothing},
    {"fsgsbase", 7, 0, EBX, 0, Nothing},
    {"bmi", 7, 0, EBX, 3, Nothing},
    {"avx2", 7, 0, EBX, 5, Ymm},
    {"bmi2", 7, 0, EBX, 8, Nothing},
    {"invpcid", 7, 0, EBX, 10, Nothing},
    {"avx512f", 7, 0, EBX, 16, Zmm},
    {"evex512", 7, 0, EBX, 16, Zmm},
    {"avx512dq", 7, 0, EBX, 17, Zmm},
    {"rdseed", 7, 0, EBX, 18, Nothing},
    {"adx", 7, 0, EBX, 19, Nothing},
    {"avx512ifma", 7, 0, EBX, 21, Zmm},
    {"clflushopt", 7, 0, EBX, 23, Nothing},
    {"clwb", 7, 0, EBX, 24, Nothing},
    {"avx512cd", 7, 0, EBX, 28, Zmm},
    {"sha", 7, 0, EBX, 29, Nothing},
    {"avx512bw", 7, 0, EBX, 30, Zmm},
    {"avx512vl", 7, 0, EBX, 31, Zmm},
    {"avx512vbmi", 7, 0, ECX, 1, Zmm},
    {"avx512vbmi2", 7, 0, ECX, 6, Zmm},
    {"gfni", 7, 0, ECX, 8, Nothing},
    {"vaes", 7, 0, ECX, 9, Ymm},
    {"vpclmulqdq", 7, 0, ECX, 10, Ymm},
    {"avx512vnni", 7, 0, ECX, 11, Zmm},
    {"avx512bitalg", 7, 0, ECX, 12, Zmm},
    {"avx512vpopcntdq", 7, 0, ECX, 14, Zmm},
    {"rdpid", 7, 0, ECX, 22, Nothing},
    {"movdiri", 7, 0, ECX, 27, Nothing},
    {"movdir64b", 7, 0, ECX, 28, Nothing},
    {"serialize", 7, 0, EDX, 14, Nothing},
    {"amx-bf16", 7, 0, EDX, 22, Tile},
    {"avx512fp16", 7, 0, EDX, 23, Zmm},
    {"amx-tile", 7, 0, EDX, 24, Tile},
    {"amx-int8", 7, 0, EDX, 25, Tile},
    {"avxvnni", 7, 1, EAX, 4, Ymm},
    {"avx512bf16", 7, 1, EAX, 5, Zmm},
    {"amx-fp16", 7, 1, EAX, 21, Tile},
    {"avxifma", 7, 1, EAX, 23, Ymm},
    {"avxvnniint8", 7, 1, EDX, 4, Ymm},
    {"avxneconvert", 7, 1, EDX, 5, Ymm},
    {"avxvnniint16", 7, 1, EDX, 10, Ymm},
    {"xsaveopt", 13, 1, EAX, 0, Nothing},
    {"xsavec", 13, 1, EAX, 1, Nothing},
    {"xsaves", 13, 1, EAX, 3, Nothing},
    {"sahf", 0x80000001, 0, ECX, 0, Nothing},
    {"lzcnt", 0x80000001, 0, ECX, 5, Nothing},
    {"sse4a", 0x80000001, 0, ECX, 6, Nothing},
    {"prfchw", 0x80000001, 0, ECX, 8, Nothing},
    {"xop", 0x80000001, 0, ECX, 11, Ymm},
    {"fma4", 0x80000001, 0, ECX, 16, Ymm},
    {"64bit", 0x80000001, 0, EDX, 29, Nothing},
};

uint64_t enabledStates() {
  uint32_t a, b, c, d;
  constexpr uint32_t osxsave = 1u << 27;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & osxsave))
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

/// Linux saves tiles only for a process that has asked (Documentation/arch/x86/
/// xstate.rst); its threads have it from then on.
bool mayUseTiles() {
  constexpr long requestPermission = 0x1023, tileData = 18;
  static const bool granted =
      syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
  return granted;
}

bool isEnabled(Needs needs, uint64_t states) {
  // Bits of XCR0: 1 SSE, 2 YMM, 5-7 opmask and ZMM, 17-18 tiles.
  constexpr uint64_t masks[] = {0, 0x6, 0xE6, 0x60006};
  return (states & masks[needs]) == masks[needs] &&
         (needs != Tile || mayUseTiles());
}

} // namespace

const std::set<std::string, std::less<>> &hostFeatures() {
  static const std::set<std::string, std::less<>> features = [] {
    std::set<std::string, std::less<>> found;
    uint64_t states = enabledStates();
    for (const Row &row : rows) {
      uint32_t r[4] = {};
      if (__get_cpuid_count(row.leaf, row.subleaf, &r[0], &r[1], &r[2],
                            &r[3]) &&
          (r[row.reg] >> row.bit & 1) && isEnabled(row.needs, states))
        found.insert(row.name);
    }
    return found;
  }();
  return features;
}

std::string_view hostArchitecture() { return "x86-64"; }

} // namespace llmc
#endif
