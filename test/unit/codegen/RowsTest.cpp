// SPDX-License-Identifier: Apache-2.0
// Norms, softmax, RoPE, caches and gathers.
#include "codegen/cpu/Math.h"
#include "codegen/cpu/kernels/Cache.h"
#include "codegen/cpu/kernels/Index.h"
#include "codegen/cpu/kernels/Norm.h"
#include "codegen/cpu/kernels/Rope.h"
#include "test/unit/codegen/Harness.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace llmc;
using namespace llmc::test;

TEST_CASE("rms and layer norm, with a residual or an addend") {
  const std::string types[] = {"f32", "f16", "bf16"};
  for (const std::string &name : allTargets())
    for (int variant = 0; variant < 8; ++variant)
      for (int64_t n : {1, 7, 64, 133, 576}) {
        // Rows and weights of all types, also of different ones.
        const std::string &type = types[n % 3], &weightType = types[n % 2],
                          &resultType = types[(n + variant) % 3];
        NormSpec spec;
        spec.kind = variant % 2 ? NormSpec::Layer : NormSpec::Rms;
        spec.n = n;
        spec.bias = variant % 2;
        spec.residual = variant / 2 == 1;
        spec.addend = variant >= 4;
        spec.sum = spec.addend && (variant >= 6 || resultType != type);
        INFO(name << " " << spec.key());
        Compiled code(name, [&](KernelModule &m) {
          mlir::MLIRContext *context = m.module().getContext();
          spec.element = floatType(context, type);
          spec.weightElement = floatType(context, weightType);
          spec.biasElement = spec.element;
          spec.resultElement = floatType(context, resultType);
          return std::vector<std::string>{emitNorm(m, spec)};
        });
        const int64_t rows = 5, stride = n + 3;
        auto draw = [&](int64_t count, unsigned seed, const std::string &as) {
          return stored(randomFloats(count, seed), as);
        };
        // In a row of equal numbers a mean that is rounded once too often
        // tells.
        auto numbers = randomFloats(rows * stride, 1);
        std::fill_n(numbers.begin() + stride, n, -0.48718607f);
        auto xs = stored(numbers, type), ws = draw(n, 3, weightType),
             biases = draw(n, 4, type), residuals = draw(rows * n, 2, type),
             addends = draw(rows * n, 6, type), sums = draw(rows * n, 7, type),
             ys = draw(rows * n, 5, resultType);
        auto x = loaded(xs, type), w = loaded(ws, weightType),
             bias = loaded(biases, type), residual = loaded(residuals, type);
        // What is normalized: x, or the sum as it is stored.
        std::vector<float> addend = loaded(addends, type), inner;
        for (int64_t i = 0; i < rows * n; ++i)
          inner.push_back(x[i / n * stride + i % n] +
                          (spec.addend ? addend[i] : 0));
        auto storedInner = stored(inner, type);
        inner = loaded(storedInner, type);
        std::vector<double> want(rows * n);
        for (int64_t r = 0; r < rows; ++r) {
          const float *row = &inner[r * n];
          double mean = 0, square = 0;
          for (int64_t i = 0; i < n; ++i)
            mean += static_cast<double>(row[i]) / n;
          mean = variant % 2 ? mean : 0;
          for (int64_t i = 0; i < n; ++i)
            square += (row[i] - mean) * (row[i] - mean) / n;
          for (int64_t i = 0; i < n; ++i)
            want[r * n + i] =
                (row[i] - mean) / std::sqrt(square + spec.epsilon) * w[i] +
                (spec.bias ? bias[i] : 0) +
                (spec.residual ? residual[r * n + i] : 0);
        }
        int64_t args[] = {word(xs.data()),
                          word(ws.data()),
                          word(biases.data()),
                          word(residuals.data()),
                          word(ys.data()),
                          rows,
                          1,
                          stride,
                          0,
                          n,
                          0,
                          word(addends.data()),
                          word(sums.data())};
        static_assert(std::size(args) == NormArgCount);
        REQUIRE(code[0](args, 0, 5, 0) == LLMC_OK);
        CHECK(maxError(loaded(ys, resultType), want) <
              3e-6 + roundingOf(resultType));
        if (spec.sum)
          CHECK(sums == storedInner);
      }
}

TEST_CASE("softmax and its logarithm") {
  for (const std::string &name : allTargets()) {
    Compiled code(name, [&](KernelModule &m) {
      return std::vector<std::string>{emitSoftmax(m), emitSoftmax(m, true)};
    });
    for (int64_t n : {1, 5, 16, 77, 300}) {
      const int64_t rows = 3;
      auto x = randomFloats(rows * n, 1);
      for (float &v : x)
        v *= 20;
      x[0] = n > 1 ? -INFINITY : x[0];
      for (bool log : {false, true}) {
        std::vector<double> want(rows * n);
        for (int64_t r = 0; r < rows; ++r) {
          double top = -INFINITY, total = 0;
          for (int64_t i = 0; i < n; ++i)
            top = std::max<double>(top, x[r * n + i]);
          for (int64_t i = 0; i < n; ++i)
            total += std::exp(x[r * n + i] - top);
          for (int64_t i = 0; i < n; ++i)
            want[r * n + i] = log ? x[r * n + i] - top - std::log(total)
                                  : std::exp(x[r * n + i] - top) / total;
        }
        std::vector<float> y = x; // in place
        int64_t args[] = {word(y.data()), word(y.data()), rows, n, n, n};
        REQUIRE(code[log](args, 0, rows, 0) == LLMC_OK);
        if (log && n > 1) {
          CHECK(std::isinf(y[0]));
          y[0] = 0, want[0] = 0;
        }
        CHECK(maxError(y, want) < 2e-6);
      }
    }
  }
}

TEST_CASE("rope: halves and pairs, tables and frequencies, partial, strided, "
          "normalized") {
  for (const std::string &name : allTargets())
    for (int variant = 0; variant < 16; ++variant) {
      RopeSpec spec;
      spec.headSize = 50;
      spec.rotarySize = variant & 4 ? 50 : 36;
      spec.interleaved = variant & 1;
      spec.table = variant & 2;
      spec.positionBits = variant & 4 ? 32 << (variant & 1) : 0;
      spec.norm = variant & 8, spec.normEpsilon = 1e-3;
      const std::string type = variant % 3 == 0   ? "f32"
                               : variant % 3 == 1 ? "f16"
                                                  : "bf16",
                        tableType = variant % 2 ? type : "f32";
      INFO(name << " " << spec.key());
      Compiled code(name, [&](KernelModule &m) {
        mlir::MLIRContext *context = m.module().getContext();
        spec.element = spec.normElement = floatType(context, type);
        spec.angleElement = floatType(context, tableType);
        return std::vector<std::string>{emitRope(m, spec)};
      });
      const int64_t batch = 2, seq = 3, heads = 2, d = spec.headSize,
                    half = spec.rotarySize / 2, rows = 3000;
      auto xs = stored(randomFloats(batch * seq * heads * d, 1), type),
           weightss = stored(randomFloats(heads * d, 2), type);
      std::vector<float> x = loaded(xs, type), weights = loaded(weightss, type),
                         freq(half);
      auto outs = stored(std::vector<float>(x.size(), 9.0f), type);
      for (int64_t i = 0; i < half; ++i)
        freq[i] = static_cast<float>(std::pow(10000.0, -double(i) / half));
      auto freqs = stored(freq, tableType);
      freq = loaded(freqs, tableType);
      std::vector<float> cosines(rows * half), sines(rows * half);
      for (int64_t p = 0; p < rows; ++p)
        for (int64_t i = 0; i < half; ++i) {
          cosines[p * half + i] =
              static_cast<float>(std::cos(double(float(p) * freq[i])));
          sines[p * half + i] =
              static_cast<float>(std::sin(double(float(p) * freq[i])));
        }
      auto cosiness = stored(cosines, tableType),
           siness = stored(sines, tableType);
      if (spec.table)
        cosines = loaded(cosiness, tableType),
        sines = loaded(siness, tableType);
      std::vector<int64_t> positions = {5, 6, 7, 0, 1, 2990};
      std::vector<int32_t> narrow(positions.begin(), positions.end());
      // out is [batch, heads, seq, d], as a cache is
      int64_t args[] = {word(xs.data()),
                        word(outs.data()),
                        spec.table ? word(cosiness.data()) : word(freqs.data()),
                        word(siness.data()),
                        word(weightss.data()),
                        spec.positionBits == 32 ? word(narrow.data())
                                                : word(positions.data()),
                        seq,
                        3,
                        rows,
                        seq,
                        heads,
                        d,
                        seq * heads * d,
                        heads * d,
                        d,
                        heads * seq * d,
                        d,
                        seq * d};
      REQUIRE(code[0](args, 0, batch * seq, 0) == LLMC_OK);
      std::vector<double> want(x.size());
      for (int64_t b = 0; b < batch; ++b)
        for (int64_t s = 0; s < seq; ++s)
          for (int64_t h = 0; h < heads; ++h) {
            const float *from = &x[((b * seq + s) * heads + h) * d];
            double *to = &want[((b * heads + h) * seq + s) * d];
            int64_t p = 3 + (spec.positionBits ? positions[b * seq + s] : s);
            std::vector<double> head(from, from + d);
            if (spec.norm) {
              double square = 0;
              for (double v : head)
                square += v * v / d;
              for (int64_t i = 0; i < d; ++i)
                head[i] *=
                    weights[h * d + i] / std::sqrt(square + spec.normEpsilon);
            }
            std::copy(head.begin(), head.end(), to);
            for (int64_t i = 0; i < half; ++i) {
              int64_t lo = spec.interleaved ? 2 * i : i,
                      hi = spec.interleaved ? 2 * i + 1 : i + half;
              double c = cosines[p * half + i], sn = sines[p * half + i];
              to[lo] = head[lo] * c - head[hi] * sn;
              to[hi] = head[hi] * c + head[lo] * sn;
            }
          }
      CHECK(maxError(loaded(outs, type), want) <
            (spec.norm ? 2e-6 : 1e-6) + roundingOf(type));
      if (spec.table && spec.positionBits) {
        positions[4] = -4, narrow[4] = -4;
        CHECK(code[0](args, 0, batch * seq, 0) == LLMC_FAIL_INDEX_RANGE);
      }
    }
}

TEST_CASE("appending to caches of rows of different lengths") {
  for (const std::string &name : allTargets())
    for (unsigned width : {8, 16, 32})
      for (bool inPlace : {false, true}) {
        INFO(name << " " << width << (inPlace ? " in place" : ""));
        AppendSpec spec;
        spec.size = 19;
        spec.inPlace = inPlace;
        Compiled code(name, [&](KernelModule &m) {
          mlir::Builder b(m.module().getContext());
          spec.element = b.getIntegerType(width);
          spec.lengths = b.getI32Type();
          return std::vector<std::string>{emitAppend(m, spec)};
        });
        const int64_t batch = 2, heads = 3, past = 4, seq = 2, size = spec.size,
                      bytes = width / 8, total = past + seq, row = size * bytes;
        auto fill = [&](int64_t positions, int first) {
          std::vector<uint8_t> all(batch * heads * positions * row);
          for (size_t i = 0; i < all.size(); ++i)
            all[i] = static_cast<uint8_t>(first + i % 97);
          return all;
        };
        std::vector<uint8_t> old = fill(past, 1), update = fill(seq, 101),
                             out = fill(total, 7), want = out;
        std::vector<int32_t> lengths = {6, 3};
        for (int64_t b = 0; b < batch; ++b)
          for (int64_t h = 0; h < heads; ++h)
            for (int64_t t = 0; t < total; ++t)
              for (int64_t i = 0; i < row; ++i) {
                int64_t start = lengths[b] - seq;
                uint8_t &to = want[((b * heads + h) * total + t) * row + i];
                if (t >= start && t < start + seq)
                  to = update[((b * seq + t - start) * heads + h) * row + i];
                else if (!inPlace)
                  to = t < start ? old[((b * heads + h) * past + t) * row + i]
                                 : 0;
              }
        int64_t args[] = {word(old.data()),
                          word(update.data()),
                          word(out.data()),
                          word(lengths.data()),
                          heads,
                          seq,
                          past,
                          total,
                          heads * past * size,
                          past * size,
                          size,
                          seq * heads * size,
                          size,
                          heads * size,
                          heads * total * size,
                          total * size,
                          size};
        REQUIRE(std::size(args) == AppendArgCount);
        int64_t tiles = batch * heads * (inPlace ? seq : total);
        REQUIRE(code[0](args, 0, tiles, 0) == LLMC_OK);
        CHECK(out == want);
        lengths[1] = 7;
        CHECK(code[0](args, 0, tiles, 0) ==
              (inPlace ? LLMC_FAIL_INDEX_RANGE : LLMC_OK));
      }
}

TEST_CASE("gather from rows and from packed panels; a bad index fails") {
  for (const std::string &name : allTargets()) {
    Compiled code(name, [&](KernelModule &m) {
      mlir::Builder b(m.module().getContext());
      return std::vector<std::string>{
          emitGather(m, {b.getF32Type(), b.getI64Type(), 0}),
          emitGather(m, {b.getF32Type(), b.getI64Type(), 1})};
    });
    const int64_t rows = 37, width = 29, count = 5;
    std::vector<float> table = randomFloats(rows * width, 1),
                       packed = packPanels(table, rows, width);
    std::vector<int64_t> index = {0, 36, -1, -37, 17};
    for (bool isPacked : {false, true}) {
      std::vector<float> out(count * width);
      int64_t args[] = {word(isPacked ? packed.data() : table.data()),
                        word(index.data()),
                        word(out.data()),
                        1,
                        count,
                        rows,
                        width};
      REQUIRE(code[isPacked](args, 0, count, 0) == LLMC_OK);
      for (int64_t i = 0; i < count * width; ++i)
        REQUIRE(out[i] ==
                table[(index[i / width] + rows) % rows * width + i % width]);
      std::vector<int64_t> bad = {37, 0, 1, 2, 3};
      args[1] = word(bad.data());
      CHECK(code[isPacked](args, 0, count, 0) == LLMC_FAIL_INDEX_RANGE);
      bad[0] = -38;
      CHECK(code[isPacked](args, 0, 1, 0) == LLMC_FAIL_INDEX_RANGE);
    }
  }
}
