// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Matmul.h"
#include "test/unit/codegen/Harness.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace llmc;
using namespace llmc::test;

namespace {

/// i64 words (m, workers) -> (count, grain, rows, panels), so that the grid's
/// arithmetic runs as compiled code.
std::string emitGrid(KernelModule &kernels, const MatmulSpec &spec) {
  return kernels.get("grid", spec.key(), [&](llvm::StringRef symbol) {
    KernelBuilder k(kernels, symbol,
                    {{KernelArg::Int, "m"},
                     {KernelArg::Int, "workers"},
                     {KernelArg::Write, "out"}});
    MatmulGrid grid = matmulGrid(k, spec, k.arg(0), k.arg(1));
    mlir::Value values[] = {grid.count, grid.grain, grid.tileRows,
                            grid.tilePanels};
    for (int64_t i = 0; i < 4; ++i)
      k.store(values[i], k.arg(2), mlir::Value(), i);
    k.finish();
  });
}

double reference(Activation act, double x) {
  switch (act) {
  case Activation::None:
    return x;
  case Activation::Relu:
    return std::max(x, 0.0);
  case Activation::Silu:
    return x / (1 + std::exp(-x));
  case Activation::Gelu:
    return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
  case Activation::GeluTanh:
    return 0.5 * x *
           (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
  case Activation::Tanh:
    return std::tanh(x);
  case Activation::Sigmoid:
    return 1 / (1 + std::exp(-x));
  }
  return x;
}

/// Operands of one multiplication; rows of A, C and the residual have gaps.
struct Problem {
  MatmulSpec spec;
  int64_t m, lda, ldc, ldr;
  std::vector<float> a, gate, up, bias, biasUp, residual, packedGate, packedUp;

  Problem(const MatmulSpec &spec, int64_t m)
      : spec(spec), m(m), lda(spec.k + 3), ldc(spec.n + 5), ldr(spec.n + 1),
        a(randomFloats(m * lda, 1)), gate(randomFloats(spec.n * spec.k, 2)),
        up(randomFloats(spec.n * spec.k, 3)), bias(randomFloats(spec.n, 4)),
        biasUp(randomFloats(spec.n, 5)), residual(randomFloats(m * ldr, 6)),
        packedGate(packPanels(gate, spec.n, spec.k)),
        packedUp(packPanels(up, spec.n, spec.k)) {}

  double dot(const std::vector<float> &w, const std::vector<float> &b,
             int64_t row, int64_t col) const {
    double sum = spec.bias ? b[col] : 0;
    for (int64_t i = 0; i < spec.k; ++i)
      sum += double(a[row * lda + i]) * w[col * spec.k + i];
    return sum;
  }

  std::vector<double> truth() const {
    std::vector<double> c(m * ldc, 7.0);
    for (int64_t r = 0; r < m; ++r)
      for (int64_t n = 0; n < spec.n; ++n) {
        double value =
            spec.gain *
            reference(spec.activation, spec.scale * dot(gate, bias, r, n));
        if (spec.gated)
          value *= dot(up, biasUp, r, n);
        c[r * ldc + n] = value + (spec.residual ? residual[r * ldr + n] : 0);
      }
    return c;
  }

  /// Runs `rows` rows from `first` for `workers` workers, ranges of `cut` tiles
  /// at a time (0: all at once).
  void run(const Compiled &code, int64_t first, int64_t rows, int64_t workers,
           int64_t cut, std::vector<float> &c) {
    int64_t grid[4], gridArgs[] = {rows, workers, word(grid)};
    code[1](gridArgs, 0, 0, 0);
    int64_t args[] = {word(a.data() + first * lda),
                      word(packedGate.data()),
                      word(packedUp.data()),
                      word(bias.data()),
                      word(biasUp.data()),
                      word(residual.data() + first * ldr),
                      word(c.data() + first * ldc),
                      rows,
                      lda,
                      ldc,
                      ldr,
                      grid[2],
                      grid[3],
                      0,
                      0,
                      0,
                      0,
                      0,
                      0};
    static_assert(std::size(args) == MatmulArgCount);
    for (int64_t t = 0; t < grid[0]; t += cut ? cut : grid[0])
      REQUIRE(code[0](args, t, std::min(grid[0], cut ? t + cut : grid[0]), 0) ==
              LLMC_OK);
  }
};

Compiled compileMatmul(const std::string &target, const MatmulSpec &spec) {
  return Compiled(target, [&](KernelModule &m) {
    return std::vector<std::string>{emitMatmul(m, spec), emitGrid(m, spec)};
  });
}

MatmulSpec makeSpec(int64_t n, int64_t k, bool bias, bool residual, bool gated,
                    Activation activation) {
  MatmulSpec spec;
  spec.n = n;
  spec.k = k;
  spec.bias = bias;
  spec.residual = residual;
  spec.gated = gated;
  spec.activation = activation;
  return spec;
}

MatmulSpec scaled(MatmulSpec spec, double scale, double gain) {
  spec.scale = scale, spec.gain = gain;
  return spec;
}

std::vector<MatmulSpec> specs() {
  return {
      makeSpec(1, 1, false, false, false, Activation::None),
      makeSpec(16, 256, false, true, false, Activation::None),
      makeSpec(37, 129, true, false, false, Activation::Gelu),
      makeSpec(300, 517, true, true, false, Activation::Relu),
      makeSpec(96, 300, true, true, true, Activation::Silu),
      makeSpec(31, 64, false, false, true, Activation::GeluTanh),
      makeSpec(20, 0, true, true, false, Activation::Tanh),
      makeSpec(161, 33, true, false, false, Activation::Sigmoid),
      scaled(makeSpec(50, 70, true, true, false, Activation::Tanh), 0.4, 2.5),
      scaled(makeSpec(18, 40, false, false, false, Activation::None), -0.125,
             1),
  };
}

} // namespace

TEST_CASE("matmul against double precision over odd shapes") {
  for (const std::string &name : allTargets())
    for (const MatmulSpec &spec : specs()) {
      Compiled code = compileMatmul(name, spec);
      for (int64_t m :
           {0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 17, 25, 40, 64, 70, 131, 200}) {
        INFO(name << " " << spec.key() << " m=" << m);
        Problem problem(spec, m);
        std::vector<float> c(m * problem.ldc, 7.0f);
        problem.run(code, 0, m, 2, 0, c);
        REQUIRE(maxError(c, problem.truth()) < 3e-5);
      }
    }
}

TEST_CASE("matmul gives a row the same bits whatever M, the range and the "
          "number of workers are, and where A is read in place") {
  for (const std::string &name : runnableTargets())
    for (const MatmulSpec &spec : specs()) {
      INFO(name << " " << spec.key());
      Compiled code = compileMatmul(name, spec);
      Problem problem(spec, 64);
      std::vector<float> whole(64 * problem.ldc, 7.0f), pieces = whole,
                                                        cut = whole;
      problem.run(code, 0, 64, 1, 0, whole);
      for (int64_t row = 0; row < 64;)
        for (int64_t rows : {1, 7, 2, 13, 3, 4}) {
          rows = std::min(rows, 64 - row);
          problem.run(code, row, rows, 2, 1, pieces);
          row += rows;
        }
      problem.run(code, 0, 64, 5, 1, cut);
      CHECK(whole == pieces);
      CHECK(whole == cut);
      MatmulSpec known = spec;
      known.lda = problem.lda;
      Compiled inPlace = compileMatmul(name, known);
      for (int64_t workers : {1, 2}) {
        std::fill(cut.begin(), cut.end(), 7.0f);
        problem.run(inPlace, 0, 64, workers, 0, cut);
        CHECK(whole == cut);
      }
    }
}

TEST_CASE("matmul writes over its residual") {
  for (const std::string &name : runnableTargets()) {
    MatmulSpec spec = specs()[3];
    Compiled code = compileMatmul(name, spec);
    for (int64_t m : {1, 9}) {
      Problem problem(spec, m);
      problem.ldr = problem.ldc;
      problem.residual = randomFloats(m * problem.ldc, 8);
      std::vector<float> apart(m * problem.ldc), inPlace = problem.residual;
      problem.run(code, 0, m, 1, 0, apart);
      Problem alias = problem;
      int64_t grid[4], gridArgs[] = {m, 1, word(grid)};
      code[1](gridArgs, 0, 0, 0);
      int64_t args[] = {word(alias.a.data()),
                        word(alias.packedGate.data()),
                        0,
                        word(alias.bias.data()),
                        0,
                        word(inPlace.data()),
                        word(inPlace.data()),
                        m,
                        alias.lda,
                        alias.ldc,
                        alias.ldc,
                        grid[2],
                        grid[3]};
      REQUIRE(code[0](args, 0, grid[0], 0) == LLMC_OK);
      for (int64_t r = 0; r < m; ++r)
        for (int64_t n = 0; n < spec.n; ++n)
          REQUIRE(inPlace[r * problem.ldc + n] == apart[r * problem.ldc + n]);
    }
  }
}
