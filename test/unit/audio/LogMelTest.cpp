// SPDX-License-Identifier: Apache-2.0
// The transform against its definition; features where they are known by
// reasoning. End-to-end tests compare them with the formulas in NumPy.
#include "runtime/audio/LogMel.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

using namespace llmc;

TEST_CASE("the transform is the sum that defines it") {
  for (size_t size : {1, 2, 7, 12, 50, 97, 400}) {
    CAPTURE(size);
    std::vector<Fft::Number> in(size), out(size);
    for (size_t i = 0; i < size; ++i)
      in[i] = {std::sin(static_cast<double>(i * i)),
               std::cos(static_cast<double>(3 * i))};
    Fft(size).run(in.data(), out.data());
    for (size_t k = 0; k < size; ++k) {
      Fft::Number sum = 0;
      for (size_t n = 0; n < size; ++n)
        sum += in[n] * std::polar(1.0, -2 * std::numbers::pi *
                                           static_cast<double>(n * k % size) /
                                           static_cast<double>(size));
      CHECK(std::abs(out[k] - sum) < 1e-10);
    }
  }
}

TEST_CASE("silence is the lowest value everywhere") {
  MelSettings settings{.bins = 8, .samples = 1600};
  auto features = LogMel(settings).run({});
  REQUIRE(features.size() == 8 * 10);
  for (float value : features)
    CHECK(value == -1.5f); // (log10(1e-10) + 4) / 4
}

TEST_CASE("a tone is loudest in the bin of its frequency") {
  MelSettings settings{.bins = 40, .samples = 16000};
  std::vector<float> sound;
  for (int i = 0; i < 16000; ++i)
    sound.push_back(static_cast<float>(
        0.5 * std::sin(2 * std::numbers::pi * 1000 * i / 16000.0)));
  auto features = LogMel(settings).run(sound);
  // 1 kHz is mel 15 of the 45.2 at 8 kHz, a third of the 41 steps: bins count
  // from the first step.
  size_t frame = 50, best = 0;
  for (size_t b = 0; b < 40; ++b)
    if (features[b * 100 + frame] > features[best * 100 + frame])
      best = b;
  CHECK(best == 13);
  auto [least, most] = std::minmax_element(features.begin(), features.end());
  CHECK(*most - *least <= 2.0f); // 8 in log10, over 4
}
