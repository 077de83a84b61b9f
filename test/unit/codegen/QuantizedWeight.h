// SPDX-License-Identifier: Apache-2.0
// Random quantized weights for the tests of products.
#ifndef LLMC_TEST_UNIT_CODEGEN_QUANTIZEDWEIGHT_H
#define LLMC_TEST_UNIT_CODEGEN_QUANTIZEDWEIGHT_H

#include "codegen/cpu/kernels/Quant.h"
#include "test/unit/codegen/Harness.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>

namespace llmc::test {

/// A quantized matrix [N][K] in its packed form, and the f32 weights it stands
/// for.
struct Quantized {
  QuantizedFormat format; // without its types
  std::vector<uint8_t> q;
  std::vector<float> scales;
  std::vector<int8_t> zeros;
  std::vector<float> weights; // [N][K]

  /// With `floats` q are floats of 8 bits, and no zero points count.
  Quantized(unsigned bits, bool isSigned, int64_t n, int64_t k, int64_t group,
            const llvm::fltSemantics *floats = nullptr) {
    format.bits = bits, format.isSigned = isSigned;
    format.k = k, format.group = group;
    int64_t panels = (n + 15) / 16, groups = format.groups();
    q.resize(panels * format.panelWords() * 4);
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
        if (floats && !std::isfinite(floatOf(value, *floats)))
          value = 0;
        store(c, row, static_cast<unsigned>(value) & (count - 1));
        int64_t at = (c / 16 * groups + row / group) * 16 + c % 16;
        int zero = isSigned ? zeros[at] : static_cast<uint8_t>(zeros[at]);
        float difference =
            floats ? floatOf(value, *floats) : static_cast<float>(value - zero);
        weights.push_back(difference * scales[at]);
      }
  }

private:
  static float floatOf(int value, const llvm::fltSemantics &floats) {
    llvm::APFloat x(floats, llvm::APInt(8, value));
    bool lost;
    x.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmTowardZero, &lost);
    return x.convertToFloat();
  }

  void store(int64_t c, int64_t row, unsigned value) {
    int64_t chunk = format.chunk(), within = row % chunk;
    int64_t word =
        (c / 16 * format.chunks() + row / chunk) * format.chunkWords() * 16 +
        c % 16;
    if (format.bits != 3) {
      q[word * 4 + within % 4] |= value << (within / 4 * format.bits);
      return;
    }
    for (int64_t bit = 3 * within; bit < 3 * within + 3; ++bit, value >>= 1)
      q[(word + bit / 32 * 16) * 4 + bit % 32 / 8] |= (value & 1) << bit % 8;
  }
};

} // namespace llmc::test

#endif
