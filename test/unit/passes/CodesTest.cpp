// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/IntegerGrid.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace llmc::llm;

static float nearestNumber(Codes codes, float x) {
  return codebook(codes)[nearestCode(codes, x)];
}

TEST_CASE("Numbers of codes") {
  CHECK(codebook(Codes::E2M1)[7] == 6);
  CHECK(codebook(Codes::E2M1)[9] == -0.5f);
  CHECK(codebook(Codes::E4M3).size() == 256);
  CHECK(codebook(Codes::E4M3)[0x01] == 0x1p-9f);
  CHECK(codebook(Codes::E4M3)[0x38] == 1);
  CHECK(codebook(Codes::E4M3)[0xFE] == -448);
  CHECK(std::isnan(codebook(Codes::E4M3)[0x7F]));
  CHECK(codebook(Codes::E5M2)[0x7B] == 57344);
  CHECK(std::isinf(codebook(Codes::E5M2)[0xFC]));
  CHECK(largestCode(Codes::NF4) == 1);
  CHECK(largestCode(Codes::E2M1) == 6);
  CHECK(largestCode(Codes::E4M3) == 448);
  CHECK(largestCode(Codes::E5M2) == 57344);
}

TEST_CASE("The nearest codes") {
  for (Codes codes : {Codes::NF4, Codes::E2M1, Codes::E4M3, Codes::E5M2})
    for (float x : codebook(codes))
      if (std::isfinite(x))
        CHECK(nearestNumber(codes, x) == x);
  CHECK(nearestCode(Codes::E2M1, -0.0f) == 0);
  // Halves to the even code, what is beyond to the largest.
  CHECK(nearestNumber(Codes::E2M1, 2.5f) == 2);
  CHECK(nearestNumber(Codes::E2M1, 3.5f) == 4);
  CHECK(nearestNumber(Codes::E2M1, -3.5f) == -4);
  CHECK(nearestNumber(Codes::E2M1, 0.25f) == 0);
  CHECK(nearestNumber(Codes::E2M1, 0.2500001f) == 0.5f);
  CHECK(nearestNumber(Codes::E2M1, -100) == -6);
  CHECK(nearestNumber(Codes::E4M3, 17) == 16);
  CHECK(nearestNumber(Codes::E4M3, 19) == 20);
  CHECK(nearestNumber(Codes::E4M3, 1e9f) == 448);
  CHECK(nearestNumber(Codes::E5M2, -INFINITY) == -57344);
  CHECK(nearestNumber(Codes::NF4, 0.9f) == 1);
}

TEST_CASE("Scales that are powers of two") {
  CHECK(roundedScale(1.49f, ScaleType::E8M0) == 1);
  CHECK(roundedScale(1.5f, ScaleType::E8M0) == 2);
  CHECK(roundedScale(0, ScaleType::E8M0) == 0);
  CHECK(roundedScale(1e-45f, ScaleType::E8M0) == 0x1p-126f); // no subnormals
  IntegerGrid grid{4, true, ScaleType::E8M0, Codes::E2M1};
  GroupFit fit(grid);
  CHECK(fit.range(std::vector<float>{-7, 1}).scale == 1); // -7 becomes -6
  CHECK(fit.range(std::vector<float>{8, 1}).scale == 2);
  CHECK(fit.range(std::vector<float>{0, 0}).scale == 1);
}

TEST_CASE("Codes of least error") {
  std::mt19937 random(7);
  for (IntegerGrid grid : {IntegerGrid{4, true, ScaleType::F16, Codes::NF4},
                           IntegerGrid{4, true, ScaleType::E8M0, Codes::E2M1},
                           IntegerGrid{8, true, ScaleType::F32, Codes::E4M3}}) {
    GroupFit fit(grid);
    double range = 0, least = 0;
    for (int round = 0; round < 50; ++round) {
      std::vector<float> w;
      float factor = 1 + static_cast<float>(round) / 50;
      for (int i = 0; i < 37; ++i)
        w.push_back(factor *
                    (static_cast<float>(random() & 0xffff) / 65536 - 0.6f));
      auto errorOf = [&](GridScale s) {
        double sum = 0;
        for (float x : w)
          sum += std::pow(x - grid.value(grid.nearest(x, s), s), 2);
        return sum;
      };
      range += errorOf(fit.range(w)), least += errorOf(fit.leastError(w));
      CHECK(errorOf(fit.leastError(w)) <= errorOf(fit.range(w)) * (1 + 1e-5));
    }
    CHECK(least < range * 0.99);
  }
}
