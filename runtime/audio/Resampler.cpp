// SPDX-License-Identifier: Apache-2.0
#include "runtime/audio/Resampler.h"
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace llmc {

// 90 dB below the passband, which ends at 95 % of the lower Nyquist frequency.
static constexpr double kaiserBeta = 8.9;
static constexpr double passband = 0.95;
static constexpr double zeroCrossings = 48; // on each side

/// The modified Bessel function of order 0, by its power series.
static double bessel0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > 1e-12 * sum; ++k) {
    term *= x * x / (4.0 * k * k);
    sum += term;
  }
  return sum;
}

static double sinc(double x) {
  x *= std::numbers::pi;
  return std::abs(x) < 1e-9 ? 1 : std::sin(x) / x;
}

Resampler::Resampler(int64_t from, int64_t to) {
  int64_t divisor = std::gcd(from, to);
  up_ = to / divisor;
  down_ = from / divisor;
  cutoff_ = passband *
            std::min(1.0, static_cast<double>(to) / static_cast<double>(from));
  reach_ = zeroCrossings / cutoff_;
  half_ = static_cast<int64_t>(std::ceil(reach_));
}

/// For outputs that stand `phase` parts of `up_` behind a sample of the input:
/// from the tap half_ - 1 samples before that one on.
std::vector<float> Resampler::tapsOf(int64_t phase) const {
  std::vector<float> taps(static_cast<size_t>(2 * half_));
  double scale = 1 / bessel0(kaiserBeta);
  for (int64_t k = 0; k < 2 * half_; ++k) {
    double t = static_cast<double>(k - half_ + 1) -
               static_cast<double>(phase) / static_cast<double>(up_);
    double inside = 1 - (t / reach_) * (t / reach_);
    double window =
        inside > 0 ? bessel0(kaiserBeta * std::sqrt(inside)) * scale : 0;
    taps[static_cast<size_t>(k)] =
        static_cast<float>(cutoff_ * sinc(cutoff_ * t) * window);
  }
  return taps;
}

std::vector<float> Resampler::run(std::span<const float> samples) const {
  if (up_ == down_)
    return {samples.begin(), samples.end()};
  auto count = static_cast<int64_t>(samples.size());
  std::vector<float> out(
      static_cast<size_t>((count * up_ + down_ - 1) / down_));
  // Rates without a common divisor have many phases: those that come are made.
  std::vector<std::vector<float>> phases(static_cast<size_t>(up_));
  for (size_t n = 0; n < out.size(); ++n) {
    int64_t time = static_cast<int64_t>(n) * down_; // in input samples * up
    int64_t first = time / up_ - half_ + 1;
    std::vector<float> &taps = phases[static_cast<size_t>(time % up_)];
    if (taps.empty())
      taps = tapsOf(time % up_);
    int64_t begin = std::max(int64_t{0}, -first),
            end = std::min(2 * half_, count - first);
    double sum = 0;
    for (int64_t k = begin; k < end; ++k)
      sum += static_cast<double>(taps[static_cast<size_t>(k)]) *
             samples[static_cast<size_t>(first + k)];
    out[n] = static_cast<float>(sum);
  }
  return out;
}

} // namespace llmc
