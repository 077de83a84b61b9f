// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Matmul.h"
#include "bench/kernels/Bench.h"
#include <cstdio>
#include <fmt/format.h>

namespace llmc::bench {

namespace {

struct Shape {
  int64_t m, n, k;
};
constexpr Shape shapes[] = {
    {1, 576, 576},     {1, 1536, 576},  {1, 49152, 576},  {1, 4096, 4096},
    {2, 4096, 4096},   {4, 4096, 4096}, {5, 4096, 4096},  {8, 4096, 4096},
    {13, 4096, 4096},  {16, 384, 384},  {128, 384, 384},  {128, 1536, 384},
    {128, 384, 1536},  {128, 768, 768}, {128, 3072, 768}, {128, 768, 3072},
    {512, 4096, 4096}, {77, 768, 768},
};

struct Code {
  LlmcKernel matmul, grid;
};

Code compileShape(const Options &options, const MatmulSpec &spec) {
  auto code = compile(options, [&](KernelModule &m) {
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

} // namespace

void benchMatmul(const Options &options) {
  double peak = fmaPeak(options), bandwidth = readBandwidth(options);
  fmt::print("matmul, {}, {} threads: fma peak {:.1f} GF/s, read {:.1f} GB/s\n",
             options.target, options.threads, peak, bandwidth);
  for (const Shape &shape : shapes) {
    std::string name = fmt::format("{}x{}x{}", shape.m, shape.n, shape.k);
    if (name.find(options.filter) == std::string::npos)
      continue;
    MatmulSpec spec;
    spec.n = shape.n;
    spec.k = shape.k;
    spec.bias = true;
    Code code = compileShape(options, spec);
    int64_t words = (shape.n + 15) / 16 * 16 * shape.k;
    // Enough copies of the weight that a thin product reads memory, not cache.
    int64_t copies = shape.m <= 16
                         ? std::max<int64_t>(1, (int64_t(600) << 18) / words)
                         : 1,
            turn = 0;
    float *weights = allocate(words * copies), *a = allocate(shape.m * shape.k),
          *c = allocate(shape.m * shape.n);
    float *bias = allocate(shape.n);
    int64_t grid[3], gridArgs[] = {shape.m, options.threads,
                                   reinterpret_cast<int64_t>(grid)};
    code.grid(gridArgs, 0, 0, 0);
    auto at = [](const void *p) { return reinterpret_cast<int64_t>(p); };
    double seconds = best(options, [&] {
      int64_t args[] = {at(a),   at(weights + turn++ % copies * words),
                        0,       at(bias),
                        0,       0,
                        at(c),   shape.m,
                        shape.k, shape.n,
                        0,       grid[1],
                        grid[2]};
      parallel(options, code.matmul, args, grid[0]);
    });
    double flops = 2.0 * shape.m * shape.n * shape.k / seconds * 1e-9,
           bytes = words * 4 / seconds * 1e-9;
    fmt::print("{:>16}  {:9.1f} us  {:7.1f} GF/s ({:3.0f} %)  {:6.1f} GB/s "
               "({:3.0f} %)\n",
               name, seconds * 1e6, flops, 100 * flops / peak, bytes,
               100 * bytes / bandwidth);
    std::fflush(stdout);
    for (float *p : {weights, a, c, bias})
      std::free(p);
  }
}

} // namespace llmc::bench
