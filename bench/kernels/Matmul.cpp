// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Matmul.h"
#include "bench/kernels/Bench.h"
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

namespace llmc::bench {

namespace {

struct Shape {
  int64_t n, k;
};
constexpr Shape shapes[] = {
    {768, 768},  {3072, 768}, {768, 3072}, // BERT-base
    {576, 576},  {1536, 576}, {576, 1536}, // SmolLM2-135M
    {4096, 4096}};
// Of the weights; A is f32, but for pairs of bf16.
constexpr const char *types[] = {"f32", "f16", "bf16", "pairs"};
constexpr int64_t allRows[] = {1,  2,  3,  4,  5,  6,  7,  8,  10,
                               12, 13, 16, 24, 32, 48, 64, 96, 128};

struct Code {
  LlmcKernel matmul, grid;
};

Code compileShape(const Options &options, MatmulSpec spec,
                  const std::string &type) {
  auto code = compile(options, [&](KernelModule &m) {
    mlir::Builder b(m.module().getContext());
    spec.pairs = type == "pairs";
    spec.typeW = type == "f16"   ? mlir::Type(b.getF16Type())
                 : type == "f32" ? mlir::Type(b.getF32Type())
                                 : mlir::Type(b.getBF16Type());
    if (spec.pairs)
      spec.typeA = spec.typeW;
    std::string matmul = emitMatmul(m, spec);
    KernelBuilder k(m, "grid",
                    {{KernelArg::Int, "m"},
                     {KernelArg::Int, "workers"},
                     {KernelArg::Write, "out"}});
    MatmulGrid grid = matmulGrid(k, spec, k.arg(0), k.arg(1));
    mlir::Value values[] = {grid.count, grid.tileRows, grid.tilePanels};
    for (int64_t i = 0; i < 3; ++i)
      k.store(values[i], k.arg(2), mlir::Value(), i);
    k.finish();
    return std::vector<std::string>{matmul, "grid"};
  });
  return {code[0], code[1]};
}

/// A weight [k, n] of one type, with the bias and C in f32.
class Product {
public:
  Product(const Options &options, const Shape &shape, const std::string &type,
          int64_t most)
      : options(options), shape(shape) {
    MatmulSpec spec;
    spec.n = shape.n, spec.k = spec.lda = shape.k, spec.bias = true;
    code = compileShape(options, spec, type);
    bytes = (shape.n + 15) / 16 * 16 * shape.k * (type == "f32" ? 4 : 2);
    // So many copies that every product reads its weight from memory.
    copies = std::max<int64_t>(2, (int64_t(200) << 20) / bytes);
    weights = allocate(bytes / 4 * copies), a = allocate(most * shape.k);
    c = allocate(most * shape.n), bias = allocate(shape.n);
  }
  Product(const Product &) = delete;
  ~Product() {
    for (float *p : {weights, a, c, bias})
      std::free(p);
  }

  double seconds(int64_t m) {
    auto at = [](const void *p) { return reinterpret_cast<int64_t>(p); };
    int64_t grid[3], gridArgs[] = {m, options.threads, at(grid)}, turn = 0;
    code.grid(gridArgs, 0, 0, 0);
    return best(options, [&] {
      int64_t args[MatmulArgCount] = {};
      args[MatmulA] = at(a), args[MatmulBias] = at(bias);
      args[MatmulW] = at(weights) + turn++ % copies * bytes;
      args[MatmulC] = at(c), args[MatmulM] = m;
      args[MatmulLda] = shape.k, args[MatmulLdc] = shape.n;
      args[MatmulTileRows] = grid[1], args[MatmulTilePanels] = grid[2];
      parallel(options, code.matmul, args, grid[0]);
    });
  }

  int64_t bytes; ///< of the weight

private:
  const Options &options;
  Shape shape;
  Code code;
  int64_t copies;
  float *weights, *a, *c, *bias;
};

} // namespace

void benchMatmul(const Options &options) {
  double peak = fmaPeak(options), ofPairs = pairPeak(options),
         bandwidth = readBandwidth(options);
  std::vector<int64_t> rows = options.rows;
  if (rows.empty())
    rows.assign(std::begin(allRows), std::end(allRows));
  fmt::print("matmul, {}, {} threads: fma peak {:.1f} GF/s, read {:.1f} GB/s\n"
             "GF/s, and below it % of what peak and bandwidth allow\n",
             options.target, options.threads, peak, bandwidth);
  fmt::print("{:>16}", "M =");
  for (int64_t m : rows)
    fmt::print("{:>7}", m);
  for (const Shape &shape : shapes)
    for (const char *type : types) {
      std::string name = fmt::format("{}x{} {}", shape.k, shape.n, type);
      bool pairs = name.ends_with("pairs");
      if (name.find(options.filter) == std::string::npos || (pairs && !ofPairs))
        continue;
      Product product(options, shape, type,
                      *std::max_element(rows.begin(), rows.end()));
      std::string limits;
      fmt::print("\n{:>16}", name);
      for (int64_t m : rows) {
        double work = 2e-9 * double(m * shape.n * shape.k),
               seconds = product.seconds(m);
        double least = std::max(work / (pairs ? ofPairs : peak),
                                double(product.bytes) * 1e-9 / bandwidth);
        fmt::print("{:>7.1f}", work / seconds);
        limits += fmt::format("{:>7.0f}", 100 * least / seconds);
        std::fflush(stdout);
      }
      fmt::print("\n{:>16}{}", "%", limits);
    }
  fmt::print("\n");
}

} // namespace llmc::bench
