// SPDX-License-Identifier: Apache-2.0
// Products with quantized weights are, bit for bit, products with the same
// weights in f32.
#include "codegen/cpu/kernels/Matmul.h"
#include "codegen/cpu/kernels/QuantMatmul.h"
#include "test/unit/codegen/QuantizedWeight.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace llmc;
using namespace llmc::test;

namespace {

/// A product compiled for f32 panels and for a quantized weight.
struct Products {
  MatmulSpec plain;
  Compiled code;

  static std::vector<std::string> emit(KernelModule &module, MatmulSpec plain,
                                       const QuantizedFormat &format,
                                       const llvm::fltSemantics *floats) {
    MatmulSpec quantized = plain;
    mlir::Builder b(module.module().getContext());
    quantized.weight = format;
    quantized.weight.scale = b.getF32Type();
    if (floats == &llvm::APFloat::Float8E4M3FN())
      quantized.weight.floats = b.getType<mlir::Float8E4M3FNType>();
    else if (floats)
      quantized.weight.floats = b.getType<mlir::Float8E5M2Type>();
    else
      quantized.weight.zeros = b.getIntegerType(8);
    auto grid = module.get("grid", "", [&](llvm::StringRef symbol) {
      KernelBuilder k(module, symbol,
                      {{KernelArg::Int, "m"}, {KernelArg::Write, "out"}});
      MatmulGrid g = matmulGrid(k, plain, k.arg(0), k.ci(2));
      mlir::Value values[] = {g.count, g.tileRows, g.tilePanels};
      for (int64_t i = 0; i < 3; ++i)
        k.store(values[i], k.arg(1), mlir::Value(), i);
      k.finish();
    });
    return {emitMatmul(module, plain), emitMatmul(module, quantized), grid};
  }

  Products(const std::string &target, const MatmulSpec &plain,
           const QuantizedFormat &format, const llvm::fltSemantics *floats)
      : plain(plain), code(target, [&](KernelModule &module) {
          return emit(module, plain, format, floats);
        }) {}

  std::vector<float> run(int64_t m, const std::vector<float> &a, const void *w,
                         const Quantized *quantized) {
    int64_t grid[3] = {}, gridArgs[] = {m, word(grid)};
    code[2](gridArgs, 0, 0, 0);
    std::vector<float> c(m * plain.n);
    int64_t args[MatmulArgCount] = {};
    args[MatmulA] = word(a.data()), args[MatmulW] = word(w);
    args[MatmulC] = word(c.data()), args[MatmulM] = m;
    args[MatmulLda] = plain.k, args[MatmulLdc] = plain.n;
    args[MatmulTileRows] = grid[1], args[MatmulTilePanels] = grid[2];
    if (quantized) {
      args[MatmulScales] = word(quantized->scales.data());
      args[MatmulZeros] = word(quantized->zeros.data());
    }
    REQUIRE(code[quantized ? 1 : 0](args, 0, grid[0], 0) == LLMC_OK);
    return c;
  }
};

} // namespace

TEST_CASE("quantized products are products with the weights they stand for") {
  struct Case {
    unsigned bits;
    bool isSigned;
    int64_t n, k, group;
    const llvm::fltSemantics *floats = nullptr;
  };
  const llvm::fltSemantics *e4m3 = &llvm::APFloat::Float8E4M3FN(),
                           *e5m2 = &llvm::APFloat::Float8E5M2();
  for (const std::string &target : runnableTargets())
    for (Case c : {Case{4, false, 40, 96, 32}, Case{4, true, 17, 50, 32},
                   Case{8, false, 33, 600, 64}, Case{8, true, 16, 131, 131},
                   Case{2, false, 20, 64, 16}, Case{2, true, 48, 300, 300},
                   Case{3, false, 33, 96, 32}, Case{3, false, 17, 140, 64},
                   Case{8, false, 40, 70, 32, e4m3},
                   Case{8, false, 17, 131, 131, e5m2}}) {
      Quantized weight(c.bits, c.isSigned, c.n, c.k, c.group, c.floats);
      MatmulSpec spec;
      spec.n = c.n, spec.k = c.k;
      std::vector<float> panels = packPanels(weight.weights, c.n, c.k);
      Products products(target, spec, weight.format, c.floats);
      for (int64_t m : {1, 3, 13}) {
        CAPTURE(target, c.bits, c.isSigned, c.k, m);
        std::vector<float> a = randomFloats(m * c.k, 3);
        auto want = products.run(m, a, panels.data(), nullptr);
        auto got = products.run(m, a, weight.q.data(), &weight);
        CHECK(std::memcmp(got.data(), want.data(), got.size() * 4) == 0);
      }
    }
}

TEST_CASE("products of bytes are exact") {
  std::mt19937 random(11);
  auto bytes = [&](int64_t count) {
    std::vector<uint8_t> v(count);
    for (uint8_t &b : v)
      b = random() % 5 ? random() : 255 * (random() % 2); // ends of the range
    return v;
  };
  auto value = [](uint8_t b, bool isSigned) -> int64_t {
    return isSigned ? static_cast<int8_t>(b) : b;
  };
  std::vector<std::string> targets = runnableTargets();
  CpuTarget vnni = target("x86-64-v4+avx512vnni");
  if (hostRuns(vnni))
    targets.push_back("x86-64-v4+avx512vnni");
  for (const std::string &target : targets)
    for (int form = 0; form < 8; ++form) {
      const int64_t shapes[][3] = {{1, 16, 64}, {3, 37, 50}, {21, 20, 7}};
      const auto [m, n, k] = shapes[form / 2 % 3];
      QuantMatmulSpec spec;
      spec.n = n, spec.k = k;
      spec.signedA = form & 1, spec.signedW = form & 2;
      spec.zeroA = form & 4;
      spec.zeroW = form % 3 == 0   ? QuantMatmulSpec::None
                   : form % 3 == 1 ? QuantMatmulSpec::One
                                   : QuantMatmulSpec::PerColumn;
      CAPTURE(target, form, m, n, k);
      Compiled code(target, [&](KernelModule &module) {
        auto tiles = module.get("tiles", "", [&](llvm::StringRef symbol) {
          KernelBuilder b(module, symbol,
                          {{KernelArg::Int, "m"}, {KernelArg::Write, "out"}});
          b.store(quantMatmulTiles(b, spec, b.arg(0)), b.arg(1));
          b.finish();
        });
        return std::vector<std::string>{emitQuantRowSums(module, spec),
                                        emitQuantMatmul(module, spec), tiles};
      });
      auto a = bytes(m * k), w = bytes(n * k), za = bytes(1), zw = bytes(n);
      std::vector<uint8_t> packed((n + 15) / 16 * ((k + 3) / 4) * 64);
      for (int64_t c = 0; c < n; ++c)
        for (int64_t row = 0; row < k; ++row)
          packed[((c / 16 * ((k + 3) / 4) + row / 4) * 16 + c % 16) * 4 +
                 row % 4] = w[c * k + row];
      std::vector<int32_t> sums(m), c(m * n);
      int64_t args[] = {word(a.data()),
                        word(packed.data()),
                        word(za.data()),
                        word(zw.data()),
                        word(sums.data()),
                        word(c.data()),
                        m,
                        k};
      int64_t count = 0, tileArgs[] = {m, word(&count)};
      code[2](tileArgs, 0, 0, 0);
      REQUIRE(code[0](args, 0, m, 0) == LLMC_OK);
      REQUIRE(code[1](args, 0, count, 0) == LLMC_OK);
      for (int64_t r = 0; r < m; ++r)
        for (int64_t col = 0; col < n; ++col) {
          int64_t sum = 0;
          int64_t x0 = spec.zeroA ? value(za[0], spec.signedA) : 0;
          int64_t y0 = spec.zeroW == QuantMatmulSpec::None ? 0
                       : spec.zeroW == QuantMatmulSpec::One
                           ? value(zw[0], spec.signedW)
                           : value(zw[col], spec.signedW);
          for (int64_t i = 0; i < k; ++i)
            sum += (value(a[r * k + i], spec.signedA) - x0) *
                   (value(w[col * k + i], spec.signedW) - y0);
          REQUIRE(c[r * n + col] == sum);
        }
    }
}
