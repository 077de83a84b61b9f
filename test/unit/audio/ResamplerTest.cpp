// SPDX-License-Identifier: Apache-2.0
// Tones keep their form at another rate, and what the new rate cannot hold
// goes.
#include "runtime/audio/Resampler.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

using namespace llmc;

static std::vector<float> tone(int64_t rate, double hertz, size_t count) {
  std::vector<float> samples;
  for (size_t i = 0; i < count; ++i)
    samples.push_back(static_cast<float>(
        0.5 * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) /
                       static_cast<double>(rate))));
  return samples;
}

/// The largest difference away from the ends, where the silence around the
/// sound is heard.
static double difference(const std::vector<float> &a,
                         const std::vector<float> &b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (size_t i = 300; i + 300 < a.size(); ++i)
    largest = std::max(largest, std::abs(double{a[i]} - b[i]));
  return largest;
}

TEST_CASE("a tone is the same tone at another rate") {
  for (int64_t rate : {8000, 11025, 22050, 22255, 44100, 48000, 96000}) {
    CAPTURE(rate);
    auto made = Resampler(rate, 16000)
                    .run(tone(rate, 1000, static_cast<size_t>(rate) / 4));
    size_t count = (static_cast<size_t>(rate) / 4 * 16000 +
                    static_cast<size_t>(rate) - 1) /
                   static_cast<size_t>(rate);
    // A filter whose stop band is 90 dB below lets 3e-5 through.
    CHECK(difference(made, tone(16000, 1000, count)) < 1e-4);
  }
}

TEST_CASE("a tone above the new Nyquist frequency goes") {
  auto made = Resampler(48000, 16000).run(tone(48000, 11000, 12000));
  CHECK(difference(made, std::vector<float>(4000)) < 1e-4);
}

TEST_CASE("the same rate changes nothing") {
  auto samples = tone(16000, 440, 100);
  CHECK(Resampler(16000, 16000).run(samples) == samples);
  CHECK(Resampler(44100, 16000).run({}).empty());
}
