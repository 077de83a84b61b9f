// SPDX-License-Identifier: Apache-2.0
// Maps over elements and reductions.
#include "codegen/cpu/Math.h"
#include "codegen/cpu/kernels/Elementwise.h"
#include "codegen/cpu/kernels/Reduce.h"
#include "test/unit/codegen/Harness.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace llmc;
using namespace llmc::test;

TEST_CASE("map: broadcast operands, a predicate, a transposing copy") {
  for (const std::string &name : allTargets()) {
    Compiled code(name, [&](KernelModule &m) {
      mlir::Builder b(m.module().getContext());
      MapSpec select; // out = p ? x * row : column
      select.key = "select";
      select.rank = 2;
      select.inputs = {{b.getI1Type()},
                       {b.getF32Type()},
                       {b.getF32Type()},
                       {b.getF32Type(), MapOperand::Broadcast}};
      select.outputs = {{b.getF32Type()}};
      select.body = [](CodeBuilder &k, mlir::ValueRange v) {
        return Values{k.select(v[0], k.mul(v[1], v[2]), v[3])};
      };
      MapSpec copy;
      copy.key = "copy";
      copy.rank = 2;
      copy.inputs = {{b.getI64Type(), MapOperand::Strided}};
      copy.outputs = {{b.getI64Type()}};
      copy.body = [](CodeBuilder &, mlir::ValueRange v) { return Values(v); };
      return std::vector<std::string>{emitMap(m, select), emitMap(m, copy)};
    });
    for (int64_t cols : {1, 19, 64, 5000}) {
      const int64_t rows = 3, chunks = (cols + 4095) / 4096;
      std::vector<float> x = randomFloats(rows * cols, 1),
                         row = randomFloats(cols, 2),
                         column = randomFloats(rows, 3);
      std::vector<float> out(rows * cols), want(rows * cols);
      std::vector<uint8_t> p(rows * cols);
      for (int64_t i = 0; i < rows * cols; ++i) {
        p[i] = i % 3 == 0;
        want[i] = p[i] ? x[i] * row[i % cols] : column[i / cols];
      }
      int64_t args[] = {word(p.data()),
                        word(x.data()),
                        word(row.data()),
                        word(column.data()),
                        word(out.data()),
                        rows,
                        cols,
                        cols,
                        0,
                        cols,
                        0,
                        0,
                        0,
                        1,
                        0,
                        cols,
                        0};
      REQUIRE(code[0](args, 0, rows * chunks, 0) == LLMC_OK);
      CHECK(out == want);
      std::vector<int64_t> source(rows * cols), turned(rows * cols);
      for (int64_t i = 0; i < rows * cols; ++i)
        source[i] = i;
      int64_t turn[] = {word(source.data()),
                        word(turned.data()),
                        cols,
                        rows,
                        1,
                        cols,
                        rows,
                        0};
      REQUIRE(code[1](turn, 0, cols, 0) == LLMC_OK);
      for (int64_t i = 0; i < rows * cols; ++i)
        REQUIRE(turned[i] == i % rows * cols + i / rows);
    }
  }
}

TEST_CASE("reductions over the last and over a middle dimension") {
  for (const std::string &name : allTargets()) {
    auto emit = [](KernelModule &m, bool rows) {
      mlir::Builder b(m.module().getContext());
      ReduceSpec mean;
      mean.key = "mean of squares";
      mean.input = mean.sum = mean.output = b.getF32Type();
      mean.rows = rows;
      mean.pre = [](CodeBuilder &k, mlir::Value v) { return k.mul(v, v); };
      mean.post = [](CodeBuilder &k, mlir::Value v, mlir::Value n) {
        return k.div(v, n);
      };
      ReduceSpec top;
      top.kind = ReduceSpec::Max;
      top.input = top.sum = top.output = b.getI32Type();
      top.rows = rows;
      return std::vector<std::string>{emitReduce(m, mean), emitReduce(m, top)};
    };
    for (bool rows : {true, false}) {
      Compiled code(name, [&](KernelModule &m) { return emit(m, rows); });
      for (int64_t reduced : {1, 3, 17, 130}) {
        const int64_t outer = 4, inner = rows ? 1 : 21;
        std::vector<float> x = randomFloats(outer * reduced * inner, 1),
                           y(outer * inner);
        std::vector<int32_t> ints(x.size()), tops(y.size()),
            wantTops(y.size(), INT32_MIN);
        std::vector<double> want(y.size());
        for (size_t i = 0; i < x.size(); ++i) {
          size_t at = i / inner / reduced * inner + i % inner;
          ints[i] = static_cast<int32_t>(x[i] * 1000) - 2000;
          wantTops[at] = std::max(wantTops[at], ints[i]);
          want[at] += double(x[i]) * x[i] / reduced;
        }
        int64_t args[] = {word(x.data()), word(y.data()), outer, reduced,
                          inner};
        int64_t intArgs[] = {word(ints.data()), word(tops.data()), outer,
                             reduced, inner};
        REQUIRE(code[0](args, 0, outer, 0) == LLMC_OK);
        REQUIRE(code[1](intArgs, 0, outer, 0) == LLMC_OK);
        CHECK(maxError(y, want) < 1e-6);
        CHECK(tops == wantTops);
      }
    }
  }
}
