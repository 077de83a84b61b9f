// SPDX-License-Identifier: Apache-2.0
// Random quantized weights for the tests of products.
#ifndef LLMC_TEST_UNIT_CODEGEN_QUANTIZEDWEIGHT_H
#define LLMC_TEST_UNIT_CODEGEN_QUANTIZEDWEIGHT_H

#include "codegen/cpu/kernels/Quant.h"
#include "test/unit/codegen/Harness.h"

namespace llmc::test {

/// A quantized matrix [N][K] in its packed form, and the f32 weights it stands
/// for.
struct Quantized {
  QuantizedFormat format; // without its types
  std::vector<uint8_t> q;
  std::vector<float> scales;
  std::vector<int8_t> zeros;
  std::vector<float> weights; // [N][K]

  Quantized(unsigned bits, bool isSigned, int64_t n, int64_t k, int64_t group) {
    format.bits = bits, format.isSigned = isSigned;
    format.k = k, format.group = group;
    int64_t panels = (n + 15) / 16, chunk = 32 / bits, groups = format.groups();
    q.resize(panels * format.chunks() * 64);
    scales.resize(panels * groups * 16), zeros.resize(panels * groups * 16);
    std::mt19937 random(bits * 131 + k);
    int low = isSigned ? -(1 << (bits - 1)) : 0, count = 1 << bits;
    for (float &s : scales)
      s = 0.01f * (1 + random() % 7);
    for (int8_t &z : zeros)
      z = static_cast<int8_t>(low + random() % count);
    for (int64_t c = 0; c < n; ++c)
      for (int64_t row = 0; row < k; ++row) {
        int value = low + random() % count;
        int64_t within = row % chunk;
        int64_t word = (c / 16 * format.chunks() + row / chunk) * 16 + c % 16;
        q[word * 4 + within % 4] |= (value & (count - 1))
                                    << (within / 4 * bits);
        int64_t at = (c / 16 * groups + row / group) * 16 + c % 16;
        int zero = isSigned ? zeros[at] : static_cast<uint8_t>(zeros[at]);
        weights.push_back(static_cast<float>(value - zero) * scales[at]);
      }
  }
};

} // namespace llmc::test

#endif
