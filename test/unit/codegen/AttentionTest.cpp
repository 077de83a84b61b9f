// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Attention.h"
#include "test/unit/codegen/Harness.h"
#include "test/unit/codegen/PackedRows.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace llmc;
using namespace llmc::test;

namespace {

/// What a case has besides plain attention.
struct Form {
  const char *name;
  int64_t headSize, valueSize, group;
  bool causal = true;
  int64_t window = 0;
  double softcap = 0;
  bool keyMask = false, lengths = false, sinks = false, uniform = false;
  AttentionSpec::Bias bias = AttentionSpec::NoBias;
  bool starts = false, clamped = false;
  std::string query = "f32", cache = "f32"; ///< element types; int8 and int4
                                            ///< are packed rows
  bool knowsStrides = false;
  bool rounds = false;

  /// Of numbers up to 1: f32's own, or scores of about 8 terms in all, whose
  /// factors are rounded by up to 2^-9 of them, and the result's type.
  double tolerance() const {
    return (rounds ? 8 * 0x1p-9 : 3e-6) + roundingOf(query);
  }
};

Form form(const char *name, int64_t headSize, int64_t valueSize,
          int64_t group) {
  Form f{};
  f.name = name;
  f.headSize = headSize;
  f.valueSize = valueSize;
  f.group = group;
  f.causal = true;
  return f;
}

std::vector<Form> forms() {
  std::vector<Form> all = {form("plain", 64, 64, 1), form("grouped", 32, 48, 3),
                           form("odd sizes", 20, 13, 2), form("tiny", 4, 4, 1),
                           form("large", 256, 256, 2)};
  all.push_back(form("bidirectional with key mask", 32, 32, 1));
  all.back().causal = false;
  all.back().keyMask = true;
  all.push_back(form("window", 16, 16, 2));
  all.back().window = 37;
  all.push_back(form("two-sided window", 16, 16, 1));
  all.back().window = 9;
  all.back().causal = false;
  all.push_back(form("softcap, sinks", 16, 32, 2));
  all.back().softcap = 3;
  all.back().sinks = true;
  all.push_back(form("lengths", 16, 16, 2));
  all.back().lengths = true;
  all.push_back(form("lengths, padding as the last token", 16, 16, 2));
  all.back().lengths = all.back().clamped = true;
  all.back().window = 9;
  all.push_back(form("lengths and starts", 16, 16, 2));
  all.back().lengths = all.back().starts = true;
  all.push_back(form("bias", 16, 16, 2));
  all.back().bias = AttentionSpec::ContiguousBias;
  all.back().causal = false;
  all.push_back(form("window over blocks", 16, 16, 2));
  all.back().window = 150;
  all.push_back(form("halves", 64, 64, 3));
  all.back().query = all.back().cache = "f16";
  all.back().knowsStrides = true;
  all.push_back(form("brain halves with bias and sinks", 24, 20, 2));
  all.back().query = all.back().cache = "bf16";
  all.back().bias = AttentionSpec::ContiguousBias;
  all.back().sinks = true;
  all.push_back(form("caches of halves, key mask", 128, 128, 7));
  all.back().cache = "f16";
  all.back().keyMask = all.back().knowsStrides = true;
  all.push_back(form("caches of bytes", 64, 64, 3));
  all.back().cache = "int8";
  all.back().knowsStrides = true;
  all.push_back(form("caches of bytes, odd sizes, key mask, mean", 33, 20, 1));
  all.back().cache = "int8";
  all.back().uniform = all.back().keyMask = true;
  all.push_back(form("caches of 4 bits, window", 80, 64, 2));
  all.back().cache = "int4";
  all.back().knowsStrides = true;
  all.back().window = 150;
  all.push_back(form("caches of 4 bits, odd sizes, halves, sinks", 20, 49, 1));
  all.back().cache = "int4";
  all.back().query = "f16";
  all.back().sinks = true;
  all.push_back(form("rounded, key mask, mean", 64, 64, 1));
  all.back().rounds = all.back().keyMask = all.back().uniform = true;
  all.back().causal = false;
  all.push_back(form("rounded, odd sizes, window", 22, 13, 3));
  all.back().rounds = true;
  all.back().window = 150;
  all.push_back(form("rounded, halves, bias, sinks", 80, 96, 2));
  all.back().rounds = all.back().sinks = all.back().knowsStrides = true;
  all.back().bias = AttentionSpec::ContiguousBias;
  all.back().query = all.back().cache = "bf16";
  all.push_back(form("mean where nothing is kept", 16, 20, 1));
  all.back().uniform = all.back().keyMask = true;
  return all;
}

/// How the rows of a cache lie in memory; bits are 0 where they are floats.
PackedRows rowsOf(const std::string &cache, int64_t size) {
  return {cache == "int8" ? 8 : cache == "int4" ? 4 : 0, 32, size};
}

/// From position to position, in elements.
int64_t strideOf(const std::string &cache, int64_t size) {
  PackedRows rows = rowsOf(cache, size);
  return rows ? rows.bytes() : size;
}

AttentionSpec specOf(const Form &f, mlir::MLIRContext *context) {
  mlir::Builder b(context);
  AttentionSpec spec;
  spec.headSize = f.headSize;
  spec.valueSize = f.valueSize;
  spec.group = f.group;
  spec.scale = 1 / std::sqrt(double(f.headSize));
  spec.softcap = f.softcap;
  spec.causal = f.causal;
  spec.window = f.window;
  spec.bias = f.bias;
  spec.sinks = f.sinks;
  spec.uniformWhenMasked = f.uniform;
  if (f.keyMask)
    spec.keyMask = b.getI64Type();
  if (f.lengths)
    spec.lengths = b.getI32Type();
  if (f.starts)
    spec.starts = b.getI64Type();
  spec.clamped = f.clamped;
  spec.rounds = f.rounds;
  spec.query = spec.biasElement = spec.sinkElement =
      floatType(context, f.query);
  spec.keyRows = rowsOf(f.cache, f.headSize);
  spec.valueRows = rowsOf(f.cache, f.valueSize);
  spec.keyElement = spec.valueElement =
      spec.keyRows ? b.getIntegerType(8, /*isSigned=*/false)
                   : floatType(context, f.cache);
  if (f.knowsStrides) {
    spec.keyStride = strideOf(f.cache, f.headSize);
    spec.valueStride = strideOf(f.cache, f.valueSize);
  }
  return spec;
}

Compiled compileAttention(const std::string &name, const Form &f) {
  return Compiled(name, [&](KernelModule &m) {
    AttentionSpec spec = specOf(f, m.module().getContext());
    std::string attention = emitAttention(m, spec),
                merge = emitAttentionMerge(m, spec);
    KernelBuilder k(m, "grid",
                    {{KernelArg::Int, "batch"},
                     {KernelArg::Int, "sequence"},
                     {KernelArg::Int, "heads"},
                     {KernelArg::Int, "total"},
                     {KernelArg::Int, "workers"},
                     {KernelArg::Write, "out"}});
    AttentionGrid grid = attentionGrid(k, spec, k.arg(0), k.arg(1), k.arg(2),
                                       k.arg(3), k.arg(4));
    mlir::Value values[] = {grid.count, grid.tileRows, grid.parts, grid.merges};
    for (int64_t i = 0; i < 4; ++i)
      k.store(values[i], k.arg(5), mlir::Value(), i);
    k.finish();
    return std::vector<std::string>{attention, "grid", merge};
  });
}

/// [2, sequence] queries on top of `past` positions of a cache of `capacity`.
struct Problem {
  Form f;
  int64_t batch = 2, keyHeads = 2, sequence, past, total, capacity, heads;
  std::vector<float> q, k, v, bias, sinks;
  std::vector<std::byte> qs, ks, vs, biases, sinkss; // as they are stored
  std::vector<int64_t> mask, starts;
  std::vector<int32_t> lengths;

  Problem(const Form &f, int64_t sequence, int64_t past)
      : f(f), sequence(sequence), past(past), total(past + sequence),
        capacity(total + 3), heads(keyHeads * f.group),
        q(randomFloats(batch * sequence * heads * f.headSize, 1)),
        k(randomFloats(batch * keyHeads * capacity * f.headSize, 2)),
        v(randomFloats(batch * keyHeads * capacity * f.valueSize, 3)),
        bias(randomFloats(heads * sequence * total, 4)),
        sinks(randomFloats(heads, 5)), mask(batch * total, 1) {
    for (int64_t b = 0; b < batch; ++b) {
      for (int64_t t = 0; t < total; ++t)
        mask[b * total + t] = b == 1 ? t % 5 != 0 && t > total / 4 : 1;
      lengths.push_back(static_cast<int32_t>(b ? total : total - 1));
      starts.push_back(b ? past - 2 : past + 1); // before 0 where past is 0
    }
    for (float &x : q)
      x *= 4;
    auto store = [](std::vector<float> &values, std::vector<std::byte> &bytes,
                    const std::string &type) {
      bytes = stored(values, type);
      values = loaded(bytes, type);
    };
    auto storeCache = [&](std::vector<float> &values,
                          std::vector<std::byte> &bytes, int64_t size) {
      PackedRows rows = rowsOf(f.cache, size);
      if (!rows)
        return store(values, bytes, f.cache);
      bytes = packRows(values, rows), values = unpackRows(bytes, rows);
    };
    store(q, qs, f.query);
    storeCache(k, ks, f.headSize), storeCache(v, vs, f.valueSize);
    store(bias, biases, f.query), store(sinks, sinkss, f.query);
  }

  std::vector<std::byte> result() const {
    std::vector<float> none(batch * sequence * heads * f.valueSize, 9.0f);
    return stored(none, f.query);
  }

  bool keeps(int64_t b, int64_t s, int64_t t) const {
    int64_t first =
        f.lengths ? std::max<int64_t>(lengths[b] - sequence, 0) : past;
    int64_t p = (f.starts ? starts[b] : first) + s;
    if (f.clamped)
      p = std::min<int64_t>(p, lengths[b] - 1);
    return (!f.causal || t <= p) && (!f.window || t > p - f.window) &&
           (!f.window || f.causal || t < p + f.window) &&
           (!f.lengths || t < lengths[b]) &&
           (!f.keyMask || mask[b * total + t]);
  }

  std::vector<double> truth() const {
    std::vector<double> out(batch * sequence * heads * f.valueSize);
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t s = 0; s < sequence; ++s)
        for (int64_t h = 0; h < heads; ++h)
          row(b, s, h, &out[((b * sequence + s) * heads + h) * f.valueSize]);
    return out;
  }

  void row(int64_t b, int64_t s, int64_t h, double *out) const {
    int64_t kv = b * keyHeads + h / f.group;
    std::vector<double> score(total, -INFINITY);
    double top = f.sinks ? sinks[h] : -INFINITY;
    for (int64_t t = 0; t < total; ++t) {
      if (!keeps(b, s, t))
        continue;
      double dot = 0;
      for (int64_t d = 0; d < f.headSize; ++d)
        dot += double(q[((b * sequence + s) * heads + h) * f.headSize + d]) *
               k[(kv * capacity + t) * f.headSize + d];
      dot /= std::sqrt(double(f.headSize));
      if (f.softcap > 0)
        dot = f.softcap * std::tanh(dot / f.softcap);
      if (f.bias)
        dot += bias[(h * sequence + s) * total + t];
      score[t] = dot;
      top = std::max(top, dot);
    }
    double sum = f.sinks ? std::exp(sinks[h] - top) : 0;
    for (int64_t t = 0; t < total; ++t) {
      double w =
          std::isinf(top) ? (f.uniform ? 1 : 0) : std::exp(score[t] - top);
      sum += w;
      for (int64_t d = 0; d < f.valueSize; ++d)
        out[d] += w * v[(kv * capacity + t) * f.valueSize + d];
    }
    for (int64_t d = 0; d < f.valueSize; ++d)
      out[d] = sum ? out[d] / sum : 0;
  }

  /// Queries [from, from + count) of every batch row, with the keys up to them.
  void run(const Compiled &code, int64_t from, int64_t count, int64_t workers,
           bool cut, std::vector<std::byte> &out) const {
    int64_t seen =
        f.causal && !f.lengths && !f.uniform ? past + from + count : total;
    int64_t grid[4],
        gridArgs[] = {batch, count, keyHeads, seen, workers, word(grid)};
    code[1](gridArgs, 0, 0, 0);
    int64_t kd = strideOf(f.cache, f.headSize),
            vd = strideOf(f.cache, f.valueSize);
    int64_t d = f.headSize, dv = f.valueSize, size = f.query == "f32" ? 4 : 2;
    mlir::MLIRContext context;
    std::vector<float> partials(batch * heads * count *
                                ((seen + attentionBlock - 1) / attentionBlock) *
                                attentionPartial(specOf(f, &context)));
    int64_t args[] = {word(qs.data() + from * heads * d * size),
                      word(ks.data()),
                      word(vs.data()),
                      word(out.data() + from * heads * dv * size),
                      word(mask.data()),
                      word(lengths.data()),
                      word(starts.data()),
                      word(biases.data() + from * total * size),
                      word(sinkss.data()),
                      word(partials.data()),
                      count,
                      seen,
                      keyHeads,
                      past + from,
                      grid[1],
                      grid[2],
                      sequence * heads * d,
                      heads * d,
                      d,
                      keyHeads * capacity * kd,
                      capacity * kd,
                      kd,
                      keyHeads * capacity * vd,
                      capacity * vd,
                      vd,
                      sequence * heads * dv,
                      heads * dv,
                      dv,
                      total,
                      0,
                      sequence * total,
                      total};
    REQUIRE(std::size(args) == AttentionArgCount);
    for (int64_t t = 0; t < grid[0]; t += cut ? 1 : grid[0])
      REQUIRE(code[0](args, t, cut ? t + 1 : grid[0], 0) == LLMC_OK);
    REQUIRE(code[2](args, 0, grid[3], 0) == LLMC_OK);
  }
};

void checkValues(const Compiled &code, const Form &f) {
  const int64_t shapes[][2] = {{1, 0},   {1, 5},   {1, 63}, {1, 127},
                               {1, 128}, {1, 700}, {2, 3},  {7, 0},
                               {4, 381}, {33, 70}, {70, 0}, {40, 230}};
  for (auto [sequence, past] : shapes) {
    INFO("seq " << sequence << " past " << past);
    Problem problem(f, sequence, past);
    std::vector<std::byte> out = problem.result(), split = out;
    problem.run(code, 0, sequence, 1, false, out);
    problem.run(code, 0, sequence, 5, false, split);
    CHECK(maxError(loaded(out, f.query), problem.truth()) < f.tolerance());
    CHECK(out == split);
  }
}

/// A query has the same bits alone, in chunks and cut, over a block's border.
void checkCuts(const Compiled &code, const Form &f) {
  const int64_t sequence = 70;
  Problem problem(f, sequence, 97);
  std::vector<std::byte> whole = problem.result(), cut = whole, chunks = whole,
                         single = whole, alone = whole;
  problem.run(code, 0, sequence, 1, false, whole);
  problem.run(code, 0, sequence, 7, true, cut);
  for (int64_t from = 0, n = 1; from < sequence; from += n, n = n % 23 + 5)
    problem.run(code, from, std::min(n, sequence - from), 2, false, chunks);
  for (int64_t s = 0; s < sequence; ++s) {
    problem.run(code, s, 1, 4, false, single);
    problem.run(code, s, 1, 1, false, alone);
  }
  CHECK(whole == cut);
  CHECK(whole == chunks);
  CHECK(whole == single);
  CHECK(whole == alone);
}

} // namespace

TEST_CASE("attention against double precision, with the same bits however it "
          "is cut") {
  std::vector<std::string> targets = runnableTargets();
  for (const char *name : {"x86-64-v4+avx512bf16", "aarch64+bf16"})
    if (hostRuns(target(name)))
      targets.push_back(name);
  for (const std::string &name : targets)
    for (const Form &f : forms()) {
      if (target(name).pairDot && !f.rounds)
        continue; // as on the level that it belongs to
      INFO(name << " " << f.name);
      Compiled code = compileAttention(name, f);
      checkValues(code, f);
      if (!f.lengths) // there the position follows from the chunk's length
        checkCuts(code, f);
    }
}
