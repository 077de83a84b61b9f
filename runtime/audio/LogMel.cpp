// SPDX-License-Identifier: Apache-2.0
#include "runtime/audio/LogMel.h"
#include <algorithm>
#include <cmath>
#include <numbers>

namespace llmc {

static constexpr double highest = 8000; // Hz, for any rate
static constexpr double least = 1e-10;  // of a bin's power

// Slaney's scale (Auditory Toolbox, 1998): linear up to 1 kHz, which is 15,
// then 27 steps to a factor of 6.4.
static double toMel(double hertz) {
  return hertz < 1000 ? 3 * hertz / 200
                      : 15 + 27 / std::log(6.4) * std::log(hertz / 1000);
}
static double toHertz(double mel) {
  return mel < 15 ? 200 * mel / 3
                  : 1000 * std::exp(std::log(6.4) / 27 * (mel - 15));
}

LogMel::LogMel(const MelSettings &settings)
    : settings_(settings), fft_(static_cast<size_t>(settings.fft)) {
  for (int64_t i = 0; i < settings.fft; ++i)
    hann_.push_back(
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) /
                             static_cast<double>(settings.fft)));
  makeTriangles();
}

/// Each has an area of 1, so that wide ones do not weigh more.
void LogMel::makeTriangles() {
  auto bins = static_cast<size_t>(settings_.bins);
  auto values = static_cast<size_t>(settings_.fft / 2 + 1);
  std::vector<double> corners;
  for (size_t i = 0; i < bins + 2; ++i)
    corners.push_back(toHertz(toMel(highest) * static_cast<double>(i) /
                              static_cast<double>(bins + 1)));
  double step =
      static_cast<double>(settings_.rate / 2) / static_cast<double>(values - 1);
  for (size_t b = 0; b < bins; ++b) {
    double left = corners[b], middle = corners[b + 1], right = corners[b + 2];
    Triangle triangle;
    for (size_t k = 0; k < values; ++k) {
      double hertz = step * static_cast<double>(k);
      double weight = std::min((hertz - left) / (middle - left),
                               (right - hertz) / (right - middle));
      if (weight <= 0)
        continue;
      if (triangle.weights.empty())
        triangle.first = k;
      triangle.weights.push_back(2 / (right - left) * weight);
    }
    triangles_.push_back(std::move(triangle));
  }
}

/// Frames stand around multiples of the hop; beyond its ends the window is
/// mirrored, the last of which is the silence behind the sound.
bool LogMel::fillFrame(std::span<const float> window, int64_t frame,
                       std::vector<Fft::Number> &samples) const {
  int64_t start = frame * settings_.hop - settings_.fft / 2;
  int64_t last = settings_.samples - 1;
  bool any = false;
  for (int64_t i = 0; i < settings_.fft; ++i) {
    int64_t at = std::abs(start + i);
    at = at > last ? 2 * last - at : at;
    auto index = static_cast<size_t>(at);
    double sample = index < window.size() ? double{window[index]} : 0;
    any |= sample != 0;
    samples[static_cast<size_t>(i)] = sample * hann_[static_cast<size_t>(i)];
  }
  return any;
}

std::vector<float> LogMel::run(std::span<const float> window) const {
  auto frames = static_cast<size_t>(settings_.frames());
  std::vector<Fft::Number> samples(static_cast<size_t>(settings_.fft)),
      spectrum(samples.size());
  std::vector<double> power(samples.size() / 2 + 1);
  std::vector<float> out(triangles_.size() * frames,
                         static_cast<float>(std::log10(least)));
  for (size_t f = 0; f < frames; ++f) {
    if (!fillFrame(window, static_cast<int64_t>(f), samples))
      continue;
    fft_.run(samples.data(), spectrum.data());
    for (size_t k = 0; k < power.size(); ++k)
      power[k] = std::norm(spectrum[k]);
    for (size_t b = 0; b < triangles_.size(); ++b) {
      const Triangle &triangle = triangles_[b];
      double sum = 0;
      for (size_t k = 0; k < triangle.weights.size(); ++k)
        sum += triangle.weights[k] * power[triangle.first + k];
      out[b * frames + f] =
          static_cast<float>(std::log10(std::max(sum, least)));
    }
  }
  float lowest = *std::max_element(out.begin(), out.end()) - 8;
  for (float &value : out)
    value = (std::max(value, lowest) + 4) / 4;
  return out;
}

} // namespace llmc
