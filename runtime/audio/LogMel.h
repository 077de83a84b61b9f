// SPDX-License-Identifier: Apache-2.0
// Log-mel features of a window of sound, as Whisper's models take them: the
// power spectrum of overlapping Hann windows, summed by triangles on Slaney's
// mel scale, in log10, at most 8 below the window's largest, scaled to about
// [-1, 1]. Immutable.
#ifndef LLMC_RUNTIME_AUDIO_LOGMEL_H
#define LLMC_RUNTIME_AUDIO_LOGMEL_H

#include "runtime/audio/Fft.h"
#include <cstdint>
#include <span>
#include <vector>

namespace llmc {

struct MelSettings {
  int64_t rate = 16'000;     // samples a second
  int64_t fft = 400;         // samples of a spectrum
  int64_t hop = 160;         // samples from one to the next
  int64_t bins = 80;         // of the mel scale, up to 8 kHz
  int64_t samples = 480'000; // of a window; a multiple of hop, above fft
  int64_t frames() const { return samples / hop; }
};

class LogMel {
public:
  explicit LogMel(const MelSettings &settings);

  const MelSettings &settings() const { return settings_; }

  /// [bins, frames] of at most `samples` samples, with silence behind them.
  std::vector<float> run(std::span<const float> window) const;

private:
  // Weights of the spectrum's values [first, first + weights).
  struct Triangle {
    size_t first = 0;
    std::vector<double> weights;
  };
  void makeTriangles();
  /// Whether any sample was not 0.
  bool fillFrame(std::span<const float> window, int64_t frame,
                 std::vector<Fft::Number> &samples) const;

  MelSettings settings_;
  Fft fft_;
  std::vector<double> hann_;
  std::vector<Triangle> triangles_;
};

} // namespace llmc

#endif
