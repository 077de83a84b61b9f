// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/IntegerGrid.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace llmc::llm;

static std::vector<float> drawn(size_t count, uint32_t seed) {
  std::mt19937 random(seed); // its numbers are the standard's on all machines
  std::vector<float> out;
  for (size_t i = 0; i < count; ++i) {
    float sum = 0;
    for (int j = 0; j < 4; ++j)
      sum += static_cast<float>(random() & 0xffff) / 65536 - 0.5f;
    out.push_back(sum);
  }
  return out;
}

static double errorOf(const IntegerGrid &grid, GridScale s,
                      std::span<const float> w,
                      std::span<const float> importance = {}) {
  double sum = 0;
  for (size_t i = 0; i < w.size(); ++i) {
    double e = w[i] - grid.value(grid.nearest(w[i], s), s);
    sum += (importance.empty() ? 1 : importance[i]) * e * e;
  }
  return sum;
}

TEST_CASE("Scales round to their type") {
  CHECK(roundedScale(1.0009765f, ScaleType::F16) == 1.0009765625f);
  CHECK(roundedScale(1 + 0x1p-11f, ScaleType::F16) == 1); // half, to even
  CHECK(roundedScale(1 + 0x3p-11f, ScaleType::F16) == 1 + 0x1p-9f);
  CHECK(roundedScale(1e9f, ScaleType::F16) == 65504);
  CHECK(roundedScale(-1e9f, ScaleType::F16) == -65504);
  CHECK(roundedScale(0x1.8p-24f, ScaleType::F16) == 0x1p-23f);
  CHECK(roundedScale(0x1p-26f, ScaleType::F16) == 0);
  CHECK(roundedScale(1 + 0x1p-8f, ScaleType::BF16) == 1);
  CHECK(roundedScale(3.4e38f, ScaleType::BF16) == 0x1.fep127f);
  CHECK(roundedScale(0.1f, ScaleType::F32) == 0.1f);
}

TEST_CASE("Ranges reach the integers' ends") {
  std::vector<float> w{-2, 0.5f, 1};
  IntegerGrid four{4, true, ScaleType::F32};
  GroupFit fit(four);
  GridScale s = fit.range(w);
  CHECK(s.scale == 0.25f);
  CHECK(s.zero == 8);
  CHECK(four.nearest(-2, s) == 0);
  CHECK(four.nearest(0.5f, s) == 10);
  // The furthest number is the lowest integer, whatever its sign.
  s = fit.range(std::vector<float>{2, -0.5f});
  CHECK(s.scale == -0.25f);
  CHECK(four.nearest(2, s) == 0);

  IntegerGrid eight{8, true, ScaleType::F32};
  s = GroupFit(eight).range(w);
  CHECK(eight.nearest(-2, s) == -127);
  CHECK(s.zero == 0);

  IntegerGrid asymmetric{4, false, ScaleType::F32};
  s = GroupFit(asymmetric).range(std::vector<float>{-1, 4});
  CHECK(s.zero == 3);
  CHECK(asymmetric.nearest(-1, s) == 0);
  CHECK(asymmetric.nearest(4, s) == 15);
  // 0 is always a number of the group.
  s = GroupFit(asymmetric).range(std::vector<float>{3, 4});
  CHECK(s.zero == 0);
  CHECK(asymmetric.value(asymmetric.nearest(0, s), s) == 0);
}

TEST_CASE("Groups without a range") {
  for (bool symmetric : {true, false})
    for (unsigned bits : {2u, 4u, 8u}) {
      IntegerGrid grid{bits, symmetric, ScaleType::F16};
      GroupFit fit(grid);
      std::vector<float> none(5, 0.0f), tiny{1e-30f, -1e-30f};
      for (GridScale s : {fit.range(none), fit.leastError(none)}) {
        CHECK(s.scale == 1);
        CHECK(grid.value(grid.nearest(0, s), s) == 0);
      }
      GridScale s = fit.leastError(tiny);
      CHECK(std::isfinite(1 / s.scale));
      CHECK(std::abs(grid.value(grid.nearest(tiny[0], s), s)) < 1e-6f);
      std::vector<float> large{3e38f, -3e38f};
      s = fit.leastError(large);
      CHECK(std::isfinite(s.scale));
      CHECK(grid.nearest(large[0], s) >= grid.lowest());
      CHECK(grid.nearest(large[1], s) <= grid.highest());
    }
}

TEST_CASE("The least error is no larger than the range's") {
  std::vector<float> importance = drawn(37, 99);
  for (float &x : importance)
    x = x * x + 0.01f;
  for (bool symmetric : {true, false})
    for (unsigned bits : {2u, 3u, 4u, 8u}) {
      IntegerGrid grid{bits, symmetric, ScaleType::F16};
      GroupFit fit(grid);
      double range = 0, least = 0, weighted = 0, unaware = 0;
      for (uint32_t seed = 0; seed < 200; ++seed) {
        std::vector<float> w = drawn(37, seed);
        double r = errorOf(grid, fit.range(w), w),
               l = errorOf(grid, fit.leastError(w), w);
        CHECK(l <= r * (1 + 1e-5));
        range += r, least += l;
        weighted += errorOf(grid, fit.leastError(w, importance), w, importance);
        unaware += errorOf(grid, fit.leastError(w), w, importance);
      }
      CHECK(least < range * (bits == 8 ? 0.999 : 0.97));
      CHECK(weighted < unaware);
    }
}

TEST_CASE("The least norm lets few numbers be far off") {
  auto normOf = [](const IntegerGrid &grid, GridScale s,
                   std::span<const float> w) {
    double sum = 0;
    for (float x : w)
      sum += std::pow(std::abs(x - grid.value(grid.nearest(x, s), s)), 0.75);
    return sum;
  };
  for (bool symmetric : {true, false})
    for (unsigned bits : {2u, 4u}) {
      IntegerGrid grid{bits, symmetric, ScaleType::F16};
      GroupFit fit(grid);
      double squares = 0, norms = 0;
      for (uint32_t seed = 0; seed < 200; ++seed) {
        std::vector<float> w = drawn(64, seed);
        w[5] *= 4;
        double error = normOf(grid, fit.fit(Fit::LeastError, w), w),
               norm = normOf(grid, fit.fit(Fit::LeastNorm, w), w);
        CHECK(norm <= error * (1 + 1e-5));
        squares += error, norms += norm;
      }
      CHECK(norms < squares * 0.995);
    }
}
