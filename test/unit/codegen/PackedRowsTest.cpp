// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/PackedRows.h"
#include "test/unit/codegen/Harness.h"
#include "test/unit/codegen/PackedRows.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

using namespace llmc;
using namespace llmc::test;

static float half(float x) { return loaded(stored({x}, "f16"), "f16")[0]; }

/// Where number d's integer lies: its byte, and its first bit there.
static std::pair<int64_t, int> placeOf(const PackedRows &rows, int64_t d) {
  if (rows.bits == 8)
    return {d, 0};
  return {d / 32 * 16 + d % 16, d % 32 < 16 ? 0 : 4};
}

static void packBlock(const float *x, const PackedRows &rows, int64_t block,
                      std::byte *row) {
  int64_t from = block * rows.block,
          to = std::min(rows.size, from + rows.block);
  float low = INFINITY, high = -INFINITY;
  for (int64_t d = from; d < to; ++d)
    low = std::min(low, x[d]), high = std::max(high, x[d]);
  bool isSigned = rows.bits == 8;
  float scale = half(isSigned ? std::max(high, -low) / 127 : (high - low) / 15),
        minimum = isSigned ? 0 : half(low);
  std::vector<std::byte> scales = stored(
      isSigned ? std::vector{scale} : std::vector{scale, minimum}, "f16");
  std::memcpy(row + rows.integerBytes() + block * rows.scaleBytes(),
              scales.data(), scales.size());
  for (int64_t d = from; d < to; ++d) {
    double q =
        std::nearbyint(double(x[d] - minimum) * (scale > 0 ? 1 / scale : 0));
    q = isSigned ? std::clamp(q, -127.0, 127.0) : std::clamp(q, 0.0, 15.0);
    auto [byte, bit] = placeOf(rows, d);
    row[byte] |= std::byte(static_cast<uint8_t>(int(q)) << bit);
  }
}

std::vector<std::byte> test::packRows(const std::vector<float> &values,
                                      const PackedRows &rows) {
  int64_t count = values.size() / rows.size;
  std::vector<std::byte> out(count * rows.bytes());
  for (int64_t r = 0; r < count; ++r)
    for (int64_t b = 0; b < rows.blocks(); ++b)
      packBlock(&values[r * rows.size], rows, b, &out[r * rows.bytes()]);
  return out;
}

std::vector<float> test::unpackRows(const std::vector<std::byte> &bytes,
                                    const PackedRows &rows) {
  std::vector<float> out;
  for (size_t at = 0; at < bytes.size(); at += rows.bytes())
    for (int64_t d = 0; d < rows.size; ++d) {
      const std::byte *row = &bytes[at];
      const std::byte *scales =
          row + rows.integerBytes() + d / rows.block * rows.scaleBytes();
      std::vector<float> s =
          loaded({scales, scales + rows.scaleBytes()}, "f16");
      auto [byte, bit] = placeOf(rows, d);
      auto bits = std::to_integer<uint8_t>(row[byte]);
      out.push_back(
          rows.bits == 8
              ? s[0] * static_cast<int8_t>(bits)
              : static_cast<float>(double(s[0]) * (bits >> bit & 15) + s[1]));
    }
  return out;
}

namespace {

/// Rows of different ranges and offsets: zeros, tiny and large ones.
std::vector<float> rowsOfKinds(int64_t count, const PackedRows &rows) {
  std::vector<float> x = randomFloats(count * rows.size, 7);
  for (int64_t r = 0; r < count; ++r)
    for (int64_t d = 0; d < rows.size; ++d) {
      float &v = x[r * rows.size + d];
      v = r == 0   ? 0
          : r == 1 ? v * 1e-5f
          : r == 2 ? v * 3e4f
          : r == 3 ? 5
                   : v + static_cast<float>(r % 4);
    }
  return x;
}

/// [tokens, heads] rows out of longer ones.
void checkPacking(const std::string &name, const PackedRows &rows,
                  const std::string &type) {
  INFO(name << " " << rows.bits << " bits, " << rows.size << " numbers, "
            << type);
  Compiled code(name, [&](KernelModule &m) {
    return std::vector<std::string>{
        emitPackRows(m, rows, floatType(m.module().getContext(), type))};
  });
  const int64_t tokens = 5, heads = 3, wide = heads * rows.size + 7;
  std::vector<float> x = rowsOfKinds(tokens * heads, rows);
  x = loaded(stored(x, type), type);
  std::vector<float> source(tokens * wide);
  for (int64_t t = 0; t < tokens; ++t)
    std::copy_n(&x[t * heads * rows.size], heads * rows.size,
                &source[t * wide]);
  std::vector<std::byte> from = stored(source, type),
                         out(tokens * heads * rows.bytes(), std::byte(0xAA));
  int64_t args[] = {word(from.data()), word(out.data()), heads, wide,
                    rows.size};
  REQUIRE(std::size(args) == PackArgCount);
  REQUIRE(code[0](args, 0, 4, 0) == LLMC_OK);
  REQUIRE(code[0](args, 4, tokens * heads, 0) == LLMC_OK);
  CHECK(out == packRows(x, rows));
}

} // namespace

TEST_CASE("rows become integers and scales as defined") {
  for (const std::string &name : runnableTargets())
    for (int64_t bits : {8, 4})
      for (auto [size, block] : {std::pair<int64_t, int64_t>{64, 32},
                                 {128, 64},
                                 {80, 32},
                                 {33, 32},
                                 {5, 32},
                                 {48, 64}})
        checkPacking(name, {bits, block, size}, size == 80 ? "f16" : "f32");
}

TEST_CASE("blocks without a scale become NaN") {
  for (const std::string &name : runnableTargets())
    for (int64_t bits : {8, 4}) {
      PackedRows rows{bits, 32, 96};
      Compiled code(name, [&](KernelModule &m) {
        return std::vector<std::string>{
            emitPackRows(m, rows, floatType(m.module().getContext(), "f32"))};
      });
      for (float bad : {NAN, INFINITY, -INFINITY, 3e38f, -3e38f}) {
        INFO(name << " " << bits << " bits, " << bad);
        std::vector<float> x = randomFloats(rows.size, 3);
        x[40] = bad;
        std::vector<std::byte> out(rows.bytes());
        int64_t args[] = {word(x.data()), word(out.data()), 1, rows.size, 0};
        REQUIRE(code[0](args, 0, 1, 0) == LLMC_OK);
        std::vector<float> got = unpackRows(out, rows);
        for (int64_t d = 0; d < rows.size; ++d)
          CHECK(std::isnan(got[d]) == (d / 32 == 1));
      }
    }
}
