// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Matmul.h"
#include "bench/kernels/Bench.h"
#include "codegen/cpu/kernels/RoundedTile.h"
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
// Of the weights; A is f32, but for pairs of bf16, and for int8 and int4 in
// groups of 32, where it is rounded to bytes before each product.
constexpr const char *types[] = {"f32", "f16", "bf16", "pairs", "int8", "int4"};
constexpr int64_t allRows[] = {1,  2,  3,  4,  5,  6,  7,  8,  10,
                               12, 13, 16, 24, 32, 48, 64, 96, 128};

bool isInteger(const std::string &type) { return type.starts_with("int"); }

void setType(mlir::Builder b, MatmulSpec &spec, const std::string &type) {
  spec.pairs = type == "pairs";
  if (isInteger(type)) {
    QuantizedFormat &f = spec.weight;
    f.bits = type == "int4" ? 4 : 8, f.isSigned = f.bits == 8, f.k = spec.k;
    f.zero = f.isSigned ? 0 : 8, f.group = f.bits == 4 ? 32 : spec.k;
    f.scale = f.bits == 4 ? mlir::Type(b.getF16Type()) : b.getF32Type();
    spec.rounding = spec.k;
    return;
  }
  spec.typeW = type == "f16"   ? mlir::Type(b.getF16Type())
               : type == "f32" ? mlir::Type(b.getF32Type())
                               : mlir::Type(b.getBF16Type());
  if (spec.pairs)
    spec.typeA = spec.typeW;
}

/// A weight [k, n] of one type, with the bias and C in f32.
class Product {
public:
  Product(const Options &options, const Shape &shape, const std::string &type,
          int64_t most)
      : options(options), shape(shape) {
    MatmulSpec spec;
    spec.n = shape.n, spec.k = spec.lda = shape.k, spec.bias = true;
    compileShape(spec, type);
    // So many copies that every product reads its weight from memory.
    copies = std::max<int64_t>(2, (int64_t(200) << 20) / bytes);
    weights = allocate(bytes / 4 * copies), a = allocate(most * shape.k);
    c = allocate(most * shape.n), bias = allocate(shape.n);
    q = allocate(most * rounded.stride() / 4), rowScales = allocate(most),
    rowSums = allocate(most * rounded.blocks());
  }
  Product(const Product &) = delete;
  ~Product() {
    for (float *p : {weights, a, c, bias, q, rowScales, rowSums})
      std::free(p);
  }

  double seconds(int64_t m) {
    auto at = [](const void *p) { return reinterpret_cast<int64_t>(p); };
    int64_t grid[3], gridArgs[] = {m, options.threads, at(grid)}, turn = 0;
    code[1](gridArgs, 0, 0, 0);
    return best(options, [&] {
      int64_t args[MatmulArgCount] = {};
      args[MatmulA] = at(a), args[MatmulBias] = at(bias);
      args[MatmulW] = at(weights) + turn++ % copies * bytes;
      args[MatmulScales] = args[MatmulW] + integerBytes;
      args[MatmulC] = at(c), args[MatmulM] = m;
      args[MatmulLda] = shape.k, args[MatmulLdc] = shape.n;
      args[MatmulTileRows] = grid[1], args[MatmulTilePanels] = grid[2];
      if (integerBytes) {
        int64_t rounding[RoundRowsArgCount] = {at(a), at(q), at(rowScales),
                                               at(rowSums), shape.k};
        m > 8 ? parallel(options, code[2], rounding, m)
              : void(code[2](rounding, 0, m, 0));
        args[MatmulA] = at(q), args[MatmulRowScales] = at(rowScales),
        args[MatmulRowSums] = at(rowSums);
      }
      parallel(options, code[0], args, grid[0]);
    });
  }

  int64_t bytes; ///< of the weight

private:
  /// The product, its grid and, for integers, the rounding of A.
  void compileShape(MatmulSpec spec, const std::string &type) {
    int64_t padded = (shape.n + 15) / 16 * 16;
    bytes = padded * shape.k * (type == "f32" ? 4 : 2);
    code = compile(options, [&](KernelModule &m) {
      setType(mlir::Builder(m.module().getContext()), spec, type);
      std::vector<std::string> symbols = {emitMatmul(m, spec), "grid"};
      KernelBuilder k(m, "grid",
                      {{KernelArg::Int, "m"},
                       {KernelArg::Int, "workers"},
                       {KernelArg::Write, "out"}});
      MatmulGrid grid = matmulGrid(k, spec, k.arg(0), k.arg(1));
      mlir::Value values[] = {grid.count, grid.tileRows, grid.tilePanels};
      for (int64_t i = 0; i < 3; ++i)
        k.store(values[i], k.arg(2), mlir::Value(), i);
      k.finish();
      if (const QuantizedFormat &f = spec.weight) {
        rounded = roundedLayout(m.target(), f, spec.rounding);
        integerBytes = padded * f.chunks() * 4;
        bytes = integerBytes + padded * f.groups() * (f.bits == 4 ? 2 : 4);
        symbols.push_back(emitRoundRows(m, rounded, {}));
      }
      return symbols;
    });
  }

  const Options &options;
  Shape shape;
  std::vector<LlmcKernel> code;
  RoundedRows rounded{.k = 1, .group = 1, .block = 1};
  int64_t copies, integerBytes = 0;
  float *weights, *a, *c, *bias, *q, *rowScales, *rowSums;
};

} // namespace

void benchMatmul(const Options &options) {
  double peak = fmaPeak(options), ofPairs = pairPeak(options),
         ofBytes = bytePeak(options), bandwidth = readBandwidth(options);
  std::vector<int64_t> rows = options.rows;
  if (rows.empty())
    rows.assign(std::begin(allRows), std::end(allRows));
  fmt::print(
      "matmul, {}, {} threads: fma peak {:.1f} GF/s, of bytes {:.1f} Gop/s, "
      "read {:.1f} GB/s\nGF/s or Gop/s, and below it % of what peak and "
      "bandwidth allow\n",
      options.target, options.threads, peak, ofBytes, bandwidth);
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
        double most = pairs ? ofPairs : isInteger(type) ? ofBytes : peak;
        double least =
            std::max(work / most, double(product.bytes) * 1e-9 / bandwidth);
        fmt::print("{:>7.1f}", work / seconds);
        limits += fmt::format("{:>7.0f}", 100 * least / seconds);
        std::fflush(stdout);
      }
      fmt::print("\n{:>16}{}", "%", limits);
    }
  fmt::print("\n");
}

} // namespace llmc::bench
