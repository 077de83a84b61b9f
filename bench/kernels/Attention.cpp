// SPDX-License-Identifier: Apache-2.0
// Decode steps on long contexts against the bandwidth of reading, prefills
// against the peak of fused multiply-adds.
#include "codegen/cpu/kernels/Attention.h"
#include "bench/kernels/Bench.h"
#include <cmath>
#include <cstdio>
#include <fmt/format.h>

namespace llmc::bench {

namespace {

struct Shape {
  const char *name;
  int64_t batch, sequence, total, keyHeads, group, size;
  bool causal;
  int64_t bits = 32; ///< of elements; 8 and 4: of caches, else f32

  bool halves() const { return bits == 16; }
  PackedRows packed() const { return {bits < 16 ? bits : 0, 32, size}; }
  /// Of a key or value.
  int64_t rowBytes() const {
    return bits < 16 ? packed().bytes() : size * bits / 8;
  }
};
constexpr Shape shapes[] = {
    {"decode 128", 1, 1, 128, 3, 3, 64, true},
    {"decode 16x128", 16, 1, 128, 3, 3, 64, true},
    {"decode 4096", 1, 1, 4096, 3, 3, 64, true},
    {"decode 16384", 1, 1, 16384, 3, 3, 64, true},
    {"decode 128 f16", 1, 1, 128, 3, 3, 64, true, 16},
    {"decode 4096 f16", 1, 1, 4096, 3, 3, 64, true, 16},
    {"decode 16384 f16", 1, 1, 16384, 3, 3, 64, true, 16},
    {"decode 4096 int8", 1, 1, 4096, 3, 3, 64, true, 8},
    {"decode 16384 int8", 1, 1, 16384, 3, 3, 64, true, 8},
    {"decode 4096 int4", 1, 1, 4096, 3, 3, 64, true, 4},
    {"decode 16384 int4", 1, 1, 16384, 3, 3, 64, true, 4},
    {"bert 1x128", 1, 128, 128, 12, 1, 64, false},
    {"bert 1x384", 1, 384, 384, 12, 1, 64, false},
    {"bert 8x128", 8, 128, 128, 12, 1, 64, false},
    {"bert 8x384", 8, 384, 384, 12, 1, 64, false},
    {"prefill 512", 1, 512, 512, 3, 3, 64, true},
    {"prefill 512 f16", 1, 512, 512, 3, 3, 64, true, 16},
};

std::vector<LlmcKernel> compileShape(const Options &options, const Shape &s) {
  return compile(options, [&](KernelModule &m) {
    mlir::Builder types(m.module().getContext());
    AttentionSpec spec;
    spec.headSize = spec.valueSize = s.size;
    spec.keyStride = spec.valueStride = s.packed() ? s.rowBytes() : s.size;
    spec.keyRows = spec.valueRows = s.packed();
    spec.group = s.group;
    spec.scale = 1 / std::sqrt(static_cast<double>(s.size));
    spec.causal = s.causal;
    if (s.packed())
      spec.keyElement = spec.valueElement = types.getIntegerType(8, false);
    if (s.halves())
      spec.query = spec.keyElement = spec.valueElement = types.getF16Type();
    std::string attention = emitAttention(m, spec),
                merge = emitAttentionMerge(m, spec);
    KernelBuilder k(m, "grid",
                    {{KernelArg::Int, "workers"}, {KernelArg::Write, "out"}});
    AttentionGrid grid =
        attentionGrid(k, spec, k.ci(s.batch), k.ci(s.sequence),
                      k.ci(s.keyHeads), k.ci(s.total), k.arg(0));
    mlir::Value values[] = {grid.count, grid.tileRows, grid.parts, grid.merges};
    for (int64_t i = 0; i < 4; ++i)
      k.store(values[i], k.arg(1), mlir::Value(), i);
    k.finish();
    return std::vector<std::string>{attention, merge, "grid"};
  });
}

/// Small finite values of any type.
void *fill(const Shape &s, int64_t bytes) {
  float *memory = allocate(static_cast<size_t>(bytes / 4 + 64));
  if (s.halves())
    for (int64_t i = 0; i < bytes / 2; ++i)
      reinterpret_cast<uint16_t *>(memory)[i] =
          static_cast<uint16_t>(0x2800 + i % 61 * 16);
  return memory;
}

/// Multiply-adds of both products over the keys that are kept.
double workOf(const Shape &s) {
  double kept = 0;
  for (int64_t q = 0; q < s.sequence; ++q)
    kept +=
        static_cast<double>(s.causal ? s.total - s.sequence + q + 1 : s.total);
  return 4.0 * static_cast<double>(s.batch * s.keyHeads * s.group * s.size) *
         kept;
}

void run(const Options &options, const Shape &s, double peak,
         double bandwidth) {
  std::vector<LlmcKernel> code = compileShape(options, s);
  int64_t grid[4],
      gridArgs[] = {options.threads, reinterpret_cast<int64_t>(grid)};
  code[2](gridArgs, 0, 0, 0);
  int64_t heads = s.keyHeads * s.group,
          stride = s.packed() ? s.rowBytes() : s.size;
  int64_t cache = s.batch * s.keyHeads * s.total * s.rowBytes(); // bytes
  // Enough copies that a decode step reads memory, not a cache.
  int64_t copies =
      s.sequence == 1 ? std::max<int64_t>(1, (int64_t(1) << 27) / cache) : 1;
  int64_t rows = s.batch * s.sequence * heads,
          blocks = s.total / attentionBlock + 1;
  void *q = fill(s, rows * s.size * 4), *out = fill(s, rows * s.size * 4),
       *k = fill(s, cache * copies), *v = fill(s, cache * copies),
       *partials = fill(s, rows * blocks * (s.size + 16) * 4);
  int64_t args[AttentionArgCount] = {};
  auto at = [](const void *p) { return reinterpret_cast<int64_t>(p); };
  args[AttentionQ] = at(q), args[AttentionOut] = at(out);
  args[AttentionPartials] = at(partials);
  args[AttentionSequence] = s.sequence, args[AttentionTotal] = s.total;
  args[AttentionKeyHeads] = s.keyHeads;
  args[AttentionOffset] = s.total - s.sequence;
  args[AttentionTileRows] = grid[1], args[AttentionParts] = grid[2];
  args[AttentionQHead] = args[AttentionOutHead] = s.size;
  args[AttentionQToken] = args[AttentionOutToken] = heads * s.size;
  args[AttentionQBatch] = args[AttentionOutBatch] = s.sequence * heads * s.size;
  args[AttentionKToken] = args[AttentionVToken] = stride;
  args[AttentionKHead] = args[AttentionVHead] = s.total * stride;
  args[AttentionKBatch] = args[AttentionVBatch] = s.keyHeads * s.total * stride;
  int64_t turn = 0;
  double seconds = best(options, [&] {
    int64_t shift = turn++ % copies * cache;
    args[AttentionK] = at(k) + shift, args[AttentionV] = at(v) + shift;
    parallel(options, code[0], args, grid[0]);
    if (grid[3])
      code[1](args, 0, grid[3], 0);
  });
  double flops = workOf(s) / seconds * 1e-9,
         rate = static_cast<double>(2 * cache) / seconds * 1e-9;
  fmt::print("{:>18}  {:9.1f} us  {:7.1f} GF/s ({:3.0f} %)", s.name,
             seconds * 1e6, flops, 100 * flops / peak);
  if (s.sequence == 1)
    fmt::print("  {:6.1f} GB/s ({:3.0f} %)", rate, 100 * rate / bandwidth);
  fmt::print("\n");
  std::fflush(stdout);
  for (void *p : {q, out, k, v, partials})
    std::free(p);
}

} // namespace

void benchAttention(const Options &options) {
  double peak = fmaPeak(options), bandwidth = readBandwidth(options);
  fmt::print("attention, {}, {} threads: fma peak {:.1f} GF/s, read {:.1f} "
             "GB/s\n",
             options.target, options.threads, peak, bandwidth);
  for (const Shape &shape : shapes)
    if (std::string(shape.name).find(options.filter) != std::string::npos)
      run(options, shape, peak, bandwidth);
}

} // namespace llmc::bench
