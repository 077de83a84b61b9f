// SPDX-License-Identifier: Apache-2.0
// Halves in matrix multiplication: the same bits as the f32 kernel gives for
// the widened operands, rounded once.
#include "codegen/cpu/kernels/Matmul.h"
#include "test/unit/codegen/Harness.h"
#include "test/unit/codegen/TileEmulation.h"
#include <catch2/catch.hpp>

using namespace llmc;
using namespace llmc::test;

namespace {

struct Types {
  const char *a, *w, *bias, *residual, *c;
};
constexpr Types wide = {"f32", "f32", "f32", "f32", "f32"};
/// One multiplication with values that every type holds exactly.
struct Operands {
  MatmulSpec spec;
  Types types;
  std::vector<std::byte> a, gate, up, bias, biasUp, residual;

  static constexpr int64_t rows = 70;

  Operands(const MatmulSpec &spec, const Types &types)
      : spec(spec), types(types), a(numbers(rows * lda(), 1, types.a)),
        gate(weight(2)), up(weight(3)), bias(numbers(spec.n, 4, types.bias)),
        biasUp(numbers(spec.n, 5, types.bias)),
        residual(numbers(rows * (spec.n + 1), 6, types.residual)) {}

  int64_t lda() const { return spec.k + 4; }
  /// The same with all operands of f32.
  Operands widened() const {
    MatmulSpec plain = spec;
    plain.pairs = false;
    return {plain, wide};
  }

  static std::vector<float> small(size_t count, unsigned seed) {
    return loaded(stored(randomFloats(count, seed), "bf16"), "bf16");
  }
  static std::vector<std::byte> numbers(size_t count, unsigned seed,
                                        const char *type) {
    std::vector<float> values = small(count, seed);
    for (float &v : values) // in f16's range of normal numbers
      v = std::abs(v) < 0x1p-7f ? 0 : v;
    return stored(values, type);
  }
  std::vector<std::byte> weight(unsigned seed) const {
    auto rowsOfW = loaded(numbers(spec.n * spec.k, seed, "f32"), "f32");
    return stored(
        interleavePanels(packPanels(rowsOfW, spec.n, spec.k), spec.k, types.w),
        types.w);
  }

  Compiled compile(const std::string &target) const {
    return Compiled(target, [&](KernelModule &m) {
      auto type = [&](const char *name) {
        return floatType(m.module().getContext(), name);
      };
      MatmulSpec typed = spec;
      typed.typeA = type(types.a), typed.typeW = type(types.w);
      typed.typeBias = type(types.bias), typed.typeC = type(types.c);
      typed.typeResidual = type(types.residual);
      KernelBuilder k(m, "grid",
                      {{KernelArg::Int, "m"}, {KernelArg::Write, "out"}});
      MatmulGrid grid = matmulGrid(k, typed, k.arg(0), k.ci(2));
      mlir::Value values[] = {grid.count, grid.tileRows, grid.tilePanels};
      for (int64_t i = 0; i < 3; ++i)
        k.store(values[i], k.arg(1), mlir::Value(), i);
      k.finish();
      std::string symbol = emitMatmul(m, typed);
      if (m.target().amxPairs)
        emulateTiles(m);
      return std::vector<std::string>{symbol, "grid"};
    });
  }

  std::vector<float> run(const Compiled &code, int64_t m) const {
    int64_t grid[3], gridArgs[] = {m, word(grid)};
    code[1](gridArgs, 0, 0, 0);
    std::vector<std::byte> c =
        stored(std::vector<float>(m * (spec.n + 5), 7), types.c);
    int64_t args[MatmulArgCount] = {};
    args[MatmulA] = word(a.data()), args[MatmulW] = word(gate.data());
    args[MatmulUp] = word(up.data()), args[MatmulBias] = word(bias.data());
    args[MatmulBiasUp] = word(biasUp.data());
    args[MatmulResidual] = word(residual.data());
    args[MatmulC] = word(c.data()), args[MatmulM] = m;
    args[MatmulLda] = lda(), args[MatmulLdc] = spec.n + 5;
    args[MatmulLdr] = spec.n + 1;
    args[MatmulTileRows] = grid[1], args[MatmulTilePanels] = grid[2];
    REQUIRE(code[0](args, 0, grid[0], 0) == LLMC_OK);
    return loaded(c, types.c);
  }
};

MatmulSpec makeSpec(int64_t n, int64_t k, bool bias, bool residual, bool gated,
                    Activation activation) {
  MatmulSpec spec;
  spec.n = n, spec.k = k;
  spec.bias = bias, spec.residual = residual, spec.gated = gated;
  spec.activation = activation;
  return spec;
}

/// The same of bf16 pair by pair, with A in place or packed.
MatmulSpec inPairs(MatmulSpec spec, bool inPlace) {
  spec.pairs = true, spec.lda = inPlace ? spec.k + 4 : 0;
  return spec;
}

struct Mix {
  Types types;
  MatmulSpec spec;
};
// Odd K and tails of N; every operand is each type somewhere.
std::vector<Mix> mixes() {
  return {
      {{"f16", "f16", "f16", "f16", "f16"},
       makeSpec(300, 517, true, true, false, Activation::Relu)},
      {{"bf16", "bf16", "bf16", "bf16", "bf16"},
       makeSpec(150, 259, true, true, true, Activation::Silu)},
      {{"f32", "f16", "f32", "f32", "f32"},
       makeSpec(52, 258, true, true, true, Activation::GeluTanh)},
      {{"f32", "bf16", "f32", "f32", "f32"},
       makeSpec(300, 517, true, false, false, Activation::None)},
      {{"f16", "f32", "bf16", "f32", "f32"},
       makeSpec(37, 300, true, true, false, Activation::None)},
      {{"bf16", "f16", "f32", "f16", "bf16"},
       makeSpec(1, 1, false, true, false, Activation::None)},
      {{"f16", "bf16", "bf16", "bf16", "f16"},
       makeSpec(20, 0, true, true, false, Activation::None)},
      // Odd K is packed wherever it stands.
      {{"bf16", "bf16", "f32", "f32", "bf16"},
       inPairs(makeSpec(300, 518, true, true, false, Activation::Silu), true)},
      {{"bf16", "bf16", "bf16", "f32", "f32"},
       inPairs(makeSpec(150, 259, true, false, true, Activation::Silu), true)},
      {{"bf16", "bf16", "f32", "f32", "f32"},
       inPairs(makeSpec(52, 40, false, true, true, Activation::None), false)},
  };
}

} // namespace

TEST_CASE("matmul of halves has the bits of the f32 kernel's, rounded once") {
  for (const std::string &name : allTargets())
    for (const auto &[types, spec] : mixes()) {
      Operands typed(spec, types), plain = typed.widened();
      Compiled plainCode = plain.compile(name), code = typed.compile(name);
      for (int64_t m : {0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 25, 40, 70}) {
        INFO(name << " " << types.a << " " << types.w << " " << types.c << " "
                  << spec.key() << " m=" << m);
        std::vector<float> want = plain.run(plainCode, m);
        CHECK(typed.run(code, m) == loaded(stored(want, types.c), types.c));
      }
    }
}

TEST_CASE("matmul by tile registers, emulated") {
  for (const auto &[types, spec] : mixes()) {
    if (!spec.pairs)
      continue;
    Operands typed(spec, types), plain = typed.widened();
    Compiled plainCode = plain.compile("ref"),
             code = typed.compile("x86-64-v4+amx-bf16");
    std::vector<float> all = typed.run(code, Operands::rows);
    std::vector<float> truth = plain.run(plainCode, Operands::rows);
    std::vector<double> want(truth.begin(), truth.end());
    INFO(spec.key());
    CHECK(maxError(all, want) < 1e-5 + roundingOf(types.c));
    // No row depends on how many there are.
    for (int64_t m : {0, 1, 2, 4, 5, 15, 16, 17, 31, 32, 33, 48, 65}) {
      INFO("m=" << m);
      std::vector<float> some = typed.run(code, m);
      for (int64_t r = 0; r < m; ++r)
        for (int64_t c = 0; c < spec.n; ++c)
          REQUIRE(some[r * (spec.n + 5) + c] == all[r * (spec.n + 5) + c]);
    }
  }
}

TEST_CASE("inner loops of matmul touch no stack") {
  struct Case {
    const char *target, *type, *instruction;
    bool pairs = false;
    int64_t least = 100;
  };
  // Squares stand for two instructions each, and tile registers have functions
  // for 1 x 1, 1 x 2 and 2 x 2.
  for (const auto &[name, type, instruction, pairs, least] : {
           Case{"x86-64-v3", "f32", "fmadd"},
           {"x86-64-v3", "f16", "fmadd"},
           {"x86-64-v3", "bf16", "fmadd"},
           {"x86-64-v4", "f32", "fmadd"},
           {"x86-64-v4", "f16", "fmadd"},
           {"x86-64-v4", "bf16", "fmadd"},
           {"aarch64", "f32", "fmla"},
           {"aarch64", "f16", "fmla"},
           {"aarch64", "bf16", "fmla"},
           {"x86-64-v4+avx512bf16", "bf16", "vdpbf16ps", true},
           {"aarch64+bf16", "bf16", "bfdot", true},
           {"aarch64+bf16", "bf16", "bfmmla", true, 96},
           {"x86-64-v4+amx-bf16", "bf16", "tdpbf16ps", true, 7},
       }) {
    INFO(name << " " << type << " " << pairs);
    std::string assembly = assemblyOf(name, [&](KernelModule &kernels) {
      MatmulSpec spec =
          makeSpec(256, 256, false, false, false, Activation::None);
      spec.typeW = floatType(kernels.module().getContext(), type);
      spec.pairs = pairs;
      if (pairs)
        spec.typeA = spec.typeW;
      return emitMatmul(kernels, spec);
    });
    int64_t fused = countUnspilled(
        assembly, {"matmul_tile", "widen_panel", "amx_tile"}, instruction);
    CHECK(fused >= least);
  }
}
