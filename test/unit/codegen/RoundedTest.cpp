// SPDX-License-Identifier: Apache-2.0
// Products of rows that are rounded to bytes, by quantized weights.
#include "codegen/cpu/kernels/Matmul.h"
#include "codegen/cpu/kernels/Rotate.h"
#include "codegen/cpu/kernels/RoundedTile.h"
#include "ir/llm/Rotation.h"
#include "test/unit/codegen/QuantizedWeight.h"
#include "test/unit/codegen/TileEmulation.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace llmc;
using namespace llmc::test;

namespace {

struct Case {
  unsigned bits;
  bool isSigned;
  int64_t n, k, group;
  int64_t rounding; ///< elements of a row that share a scale
  bool ownZeros;    ///< else one zero point for all
};

/// The kernels of a case: rounding, the product, its grid.
struct Kernels {
  Case c;
  Quantized weight;
  MatmulSpec spec;
  RoundedRows layout;
  float fixedScale; ///< 0: by their own range
  std::unique_ptr<Compiled> code;

  Kernels(const std::string &targetName, const Case &c, float fixedScale = 0)
      : c(c), weight(c.bits, c.isSigned, c.n, c.k, c.group),
        fixedScale(fixedScale) {
    int zero = c.isSigned ? 0 : 1 << (c.bits - 1);
    if (!c.ownZeros)
      std::fill(weight.zeros.begin(), weight.zeros.end(), int8_t(zero));
    spec.n = c.n, spec.k = c.k, spec.bias = true, spec.rounding = c.rounding;
    spec.weight = weight.format, spec.weight.zero = zero;
    REQUIRE(takesRoundedRows(spec.weight, c.rounding));
    code = std::make_unique<Compiled>(targetName, [&](KernelModule &module) {
      mlir::Builder b(module.module().getContext());
      spec.weight.scale = b.getF32Type();
      if (c.ownZeros)
        spec.weight.zeros = b.getIntegerType(8);
      layout = roundedLayout(module.target(), spec.weight, c.rounding);
      layout.fixedScale = fixedScale != 0;
      auto grid = module.get("grid", "", [&](llvm::StringRef symbol) {
        KernelBuilder k(module, symbol,
                        {{KernelArg::Int, "m"}, {KernelArg::Write, "out"}});
        MatmulGrid g = matmulGrid(k, spec, k.arg(0), k.ci(2));
        mlir::Value values[] = {g.count, g.tileRows, g.tilePanels};
        for (int64_t i = 0; i < 3; ++i)
          k.store(values[i], k.arg(1), mlir::Value(), i);
        k.finish();
      });
      std::vector<std::string> symbols = {emitRoundRows(module, layout, {}),
                                          emitMatmul(module, spec), grid};
      if (module.target().amxBytes)
        emulateTiles(module);
      return symbols;
    });
  }

  std::vector<float> run(int64_t m, const float *x,
                         const std::vector<float> &bias) {
    // Memory beyond K is anything.
    std::vector<int8_t> q(m * layout.stride(), 77);
    std::vector<float> scales(m * layout.groups()), y(m * c.n);
    std::vector<int32_t> sums(m * layout.blocks());
    int64_t rounding[] = {word(x),
                          word(q.data()),
                          word(scales.data()),
                          word(sums.data()),
                          c.k,
                          std::bit_cast<int32_t>(fixedScale)};
    REQUIRE((*code)[0](rounding, 0, m, 0) == LLMC_OK);
    int64_t grid[3] = {}, gridArgs[] = {m, word(grid)};
    (*code)[2](gridArgs, 0, 0, 0);
    int64_t args[MatmulArgCount] = {};
    args[MatmulA] = word(q.data()), args[MatmulW] = word(weight.q.data());
    args[MatmulScales] = word(weight.scales.data());
    args[MatmulZeros] = word(weight.zeros.data());
    args[MatmulRowScales] = word(scales.data());
    args[MatmulRowSums] = word(sums.data());
    args[MatmulBias] = word(bias.data()), args[MatmulC] = word(y.data());
    args[MatmulM] = m, args[MatmulLdc] = c.n;
    args[MatmulTileRows] = grid[1], args[MatmulTilePanels] = grid[2];
    for (int64_t t = 0; t < grid[0]; ++t)
      REQUIRE((*code)[1](args, t, t + 1, 0) == LLMC_OK);
    return y;
  }

  /// One row, in double.
  std::vector<double> truth(const float *x, const std::vector<float> &bias) {
    std::vector<double> y(bias.begin(), bias.end());
    for (int64_t first = 0; first < c.k; first += c.rounding) {
      int64_t last = std::min(c.k, first + c.rounding);
      float most = 0;
      for (int64_t i = first; i < last; ++i)
        most = std::max(most, std::abs(x[i]));
      for (int64_t i = first; i < last; ++i) {
        // Without rounding the product first.
        double inverse = fixedScale ? 1 / fixedScale : 127 / most,
               scale = fixedScale ? fixedScale : double(most) / 127;
        double rounded =
            most ? std::clamp(std::nearbyint(double(x[i]) * inverse), -127.0,
                              127.0)
                 : 0;
        for (int64_t n = 0; n < c.n; ++n) {
          int64_t at = (n / 16 * weight.format.groups() + i / c.group) * 16;
          int8_t zero = weight.zeros[at + n % 16];
          int64_t word =
              (n / 16 * weight.format.chunks() + i / weight.format.chunk()) *
                  16 +
              n % 16;
          int64_t within = i % weight.format.chunk();
          int bits = weight.q[word * 4 + within % 4] >> (within / 4 * c.bits) &
                     ((1 << c.bits) - 1);
          if (c.isSigned && bits >> (c.bits - 1))
            bits -= 1 << c.bits;
          int z = c.isSigned ? zero : static_cast<uint8_t>(zero);
          y[n] += rounded * scale * (bits - z) * weight.scales[at + n % 16];
        }
      }
    }
    return y;
  }
};

std::vector<std::string> integerTargets() {
  std::vector<std::string> names = runnableTargets();
  for (const char *name : {"x86-64-v4+avx512vnni", "x86-64-v3+avxvnni",
                           "aarch64+dotprod", "aarch64+i8mm"})
    if (hostRuns(target(name)))
      names.push_back(name);
  if (hostRuns(target("x86-64-v4+avx512vnni")))
    names.push_back("x86-64-v4+amx-int8"); // its tile registers are emulated
  return names;
}

constexpr Case cases[] = {
    {4, false, 40, 96, 32, 96, false},   {4, true, 17, 50, 32, 50, false},
    {4, false, 64, 512, 64, 32, true},   {4, false, 33, 300, 300, 300, false},
    {4, false, 16, 256, 128, 256, true}, {8, true, 33, 600, 600, 600, false},
    {8, false, 20, 131, 131, 131, true}, {8, true, 48, 320, 64, 320, false},
    {8, true, 16, 96, 96, 32, false},    {8, false, 31, 7, 7, 7, true},
    {2, false, 20, 64, 16, 64, false},   {2, true, 48, 300, 300, 300, true},
};

} // namespace

TEST_CASE("products of rounded rows are sums of integers, scaled") {
  for (const std::string &name : integerTargets())
    for (size_t i = 0; i < std::size(cases); ++i) {
      // Half of them where the forms are those of other targets.
      if (i % 2 && (name == "x86-64-v4" || name.ends_with("amx-int8")))
        continue;
      const Case &c = cases[i];
      CAPTURE(name, c.bits, c.isSigned, c.n, c.k, c.group, c.rounding);
      Kernels kernels(name, c);
      int64_t most = 70;
      std::vector<float> x = randomFloats(most * c.k, 3),
                         bias = randomFloats(c.n, 4);
      std::fill_n(x.begin() + 2 * c.k, c.k, 0.0f); // a row without a range
      auto whole = kernels.run(most, x.data(), bias);
      for (int64_t row = 0; row < most; ++row) {
        std::vector<double> want = kernels.truth(&x[row * c.k], bias);
        std::vector<float> got(whole.begin() + row * c.n,
                               whole.begin() + (row + 1) * c.n);
        CAPTURE(row);
        REQUIRE(maxError(got, want) < 2e-6);
      }
      // The same bits for fewer rows at once.
      for (int64_t m : {1, 2, 3, 4, 5, 8, 12, 13, 29}) {
        CAPTURE(m);
        auto part = kernels.run(m, &x[c.k], bias);
        for (size_t i = 0; i < part.size(); ++i)
          REQUIRE(part[i] == whole[c.n + i]);
      }
    }
}

TEST_CASE("rows of a fixed scale are cut to what it reaches") {
  for (const std::string &name : integerTargets())
    for (size_t i : {0, 2, 5}) {
      const Case &c = cases[i];
      CAPTURE(name, c.bits, c.k);
      Kernels kernels(name, c, 0x1p-7f);
      std::vector<float> x = randomFloats(2 * c.k, 3),
                         bias = randomFloats(c.n, 4);
      for (float &v : x)
        v *= 3;
      auto whole = kernels.run(2, x.data(), bias);
      for (int64_t row = 0; row < 2; ++row)
        REQUIRE(maxError({whole.begin() + row * c.n,
                          whole.begin() + (row + 1) * c.n},
                         kernels.truth(&x[row * c.k], bias)) < 2e-6);
      x[c.k - 1] = -INFINITY;
      for (float y : kernels.run(1, x.data(), bias))
        CHECK(std::isnan(y));
    }
}

TEST_CASE("blocks are rotated in registers as weights are") {
  for (const std::string &name : runnableTargets())
    for (int64_t block : {16, 64, 256}) {
      CAPTURE(name, block);
      Compiled code(name, [&](KernelModule &m) {
        KernelBuilder k(m, "rotate",
                        {{KernelArg::Read, "x"}, {KernelArg::Write, "y"}});
        emitRotateBlock(k, k.f32(), block, k.arg(0), k.arg(1));
        k.finish();
        return std::vector<std::string>{"rotate"};
      });
      std::vector<float> x = randomFloats(block, 5), y(block);
      std::vector<double> want(x.begin(), x.end());
      llm::rotateBlock(want);
      int64_t args[] = {word(x.data()), word(y.data())};
      REQUIRE(code[0](args, 0, 0, 0) == LLMC_OK);
      CHECK(maxError(y, want) < 2e-6); // 8 additions in f32
    }
}

TEST_CASE("a row that is not finite gives nothing that is") {
  Kernels kernels("x86-64-v3", cases[0]);
  std::vector<float> bias(40);
  for (float bad : {NAN, INFINITY}) {
    std::vector<float> x = randomFloats(96, 3);
    x[41] = bad;
    for (float y : kernels.run(1, x.data(), bias))
      CHECK(std::isnan(y));
  }
}

TEST_CASE("inner loops of products of rounded rows touch no stack") {
  struct Form {
    const char *target, *narrow, *wide; ///< instructions for 4 and 8 bits
  };
  for (const auto &[name, narrow, wide] :
       {Form{"x86-64-v3", "vpmaddubsw", "vpmaddwd"},
        {"x86-64-v3+avxvnni", "vpdpbusd", "vpdpbusd"},
        {"x86-64-v4", "vpmaddubsw", "vpmaddwd"},
        {"x86-64-v4+avx512vnni", "vpdpbusd", "vpdpbusd"},
        {"aarch64+dotprod", "sdot", "sdot"},
        {"aarch64+i8mm", "usmmla", "usmmla"}})
    for (int64_t bits : {4, 8}) {
      INFO(name << " " << bits);
      std::string assembly = assemblyOf(name, [&](KernelModule &kernels) {
        MatmulSpec spec;
        spec.n = 256, spec.k = spec.rounding = 512;
        QuantizedFormat &f = spec.weight;
        f.bits = bits, f.isSigned = bits == 8, f.zero = bits == 8 ? 0 : 8;
        f.k = spec.k, f.group = bits == 8 ? spec.k : 32;
        f.scale = floatType(kernels.module().getContext(), "f16");
        return emitMatmul(kernels, spec);
      });
      CHECK(countUnspilled(assembly, {"rounded_tile", "unpack_quads"},
                           bits == 8 ? wide : narrow) >= 60);
    }
}
