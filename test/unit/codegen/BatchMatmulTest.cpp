// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/BatchMatmul.h"
#include "test/unit/codegen/Harness.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace llmc;
using namespace llmc::test;

namespace {

enum class Layout { Dense, Transposed, Spread };

/// [2 x 3, rows, columns] numbers of a type in memory; the second batch dim is
/// broadcast.
struct Operand {
  int64_t rows, columns, row, column; ///< strides
  int64_t outer;
  std::vector<float> values;
  std::vector<std::byte> bytes;

  Operand(int64_t rows, int64_t columns, Layout layout, unsigned seed,
          const char *type)
      : rows(rows), columns(columns),
        row(layout == Layout::Transposed ? 1
            : layout == Layout::Dense    ? columns
                                         : 3 * columns + 1),
        column(layout == Layout::Transposed ? rows
               : layout == Layout::Dense    ? 1
                                            : 3),
        outer(3 * (rows + 1) * (columns + 1)),
        bytes(stored(randomFloats(2 * outer + 1, seed), type)) {
    values = loaded(bytes, type);
  }
  float at(int64_t batch, int64_t r, int64_t c) const {
    return values[batch / 3 * outer + r * row + c * column];
  }
};

std::vector<LlmcKernel> kernelsOf(const Compiled &code) {
  return {code[0], code[1]};
}

Compiled compileBatch(const std::string &target, const char *type) {
  return Compiled(target, [&](KernelModule &m) {
    KernelBuilder k(m, "grid",
                    {{KernelArg::Int, "batch"},
                     {KernelArg::Int, "m"},
                     {KernelArg::Int, "n"},
                     {KernelArg::Int, "k"},
                     {KernelArg::Write, "out"}});
    MatmulGrid grid =
        batchMatmulGrid(k, k.arg(0), k.arg(1), k.arg(2), k.arg(3), k.ci(2));
    mlir::Value values[] = {grid.count, grid.grain, grid.tileRows,
                            grid.tilePanels};
    for (int64_t i = 0; i < 4; ++i)
      k.store(values[i], k.arg(4), mlir::Value(), i);
    k.finish();
    BatchMatmulSpec spec;
    spec.element = floatType(m.module().getContext(), type);
    spec.batchDims = 2;
    return std::vector<std::string>{emitBatchMatmul(m, spec), "grid"};
  });
}

/// Runs ranges of `cut` tiles at a time (0: all at once). [2 x 3, m, n]
std::vector<std::byte> run(const std::vector<LlmcKernel> &code,
                           const Operand &a, const Operand &b, const char *type,
                           int64_t cut) {
  int64_t m = a.rows, n = b.columns, grid[4];
  int64_t gridArgs[] = {6, m, n, a.columns, word(grid)};
  code[1](gridArgs, 0, 0, 0);
  std::vector<std::byte> c = stored(std::vector<float>(6 * m * n, 7), type);
  int64_t args[] = {word(a.bytes.data()),
                    word(b.bytes.data()),
                    word(c.data()),
                    m,
                    n,
                    a.columns,
                    a.row,
                    a.column,
                    b.row,
                    b.column,
                    n,
                    grid[2],
                    grid[3],
                    2,
                    a.outer,
                    b.outer,
                    3 * m * n,
                    3,
                    0,
                    0,
                    m * n};
  static_assert(std::size(args) == BatchLists + 8);
  for (int64_t t = 0; t < grid[0]; t += cut ? cut : grid[0])
    REQUIRE(code[0](args, t, std::min(grid[0], cut ? t + cut : grid[0]), 0) ==
            LLMC_OK);
  return c;
}

/// One chain per block of matmulBlockK steps, the blocks added in order.
std::vector<std::byte> reference(const Operand &a, const Operand &b,
                                 const char *type) {
  std::vector<float> c;
  for (int64_t batch = 0; batch < 6; ++batch)
    for (int64_t r = 0; r < a.rows; ++r)
      for (int64_t j = 0; j < b.columns; ++j) {
        float total = 0;
        for (int64_t first = 0; first < a.columns; first += matmulBlockK) {
          float chain = 0;
          for (int64_t i = first; i < std::min(a.columns, first + matmulBlockK);
               ++i)
            chain = std::fma(a.at(batch, r, i), b.at(batch, i, j), chain);
          total = first ? total + chain : chain;
        }
        c.push_back(total);
      }
  return stored(c, type);
}

struct Sizes {
  int64_t m, n, k;
};

} // namespace

TEST_CASE("batched matmul sums in blocks of K whatever its operands' layouts") {
  const Sizes sizes[] = {{1, 1, 1},   {1, 40, 300},  {4, 129, 33}, {5, 16, 64},
                         {13, 31, 7}, {100, 50, 9},  {3, 5, 0},    {0, 4, 4},
                         {4, 0, 4},   {2, 150, 513}, {45, 37, 50}};
  const Layout layouts[] = {Layout::Dense, Layout::Transposed, Layout::Spread};
  for (const std::string &name : runnableTargets())
    for (const char *type : {"f32", "f16", "bf16"}) {
      Compiled compiled = compileBatch(name, type);
      std::vector<LlmcKernel> code = kernelsOf(compiled);
      for (const Sizes &s : sizes)
        for (Layout layoutA : layouts)
          for (Layout layoutB : layouts) {
            INFO(name << " " << type << " " << s.m << "x" << s.n << "x" << s.k
                      << " " << int(layoutA) << int(layoutB));
            Operand a(s.m, s.k, layoutA, 1, type),
                b(s.k, s.n, layoutB, 2, type);
            std::vector<std::byte> want = reference(a, b, type);
            CHECK(run(code, a, b, type, 0) == want);
            CHECK(run(code, a, b, type, 1) == want);
          }
    }
}
