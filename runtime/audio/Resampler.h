// SPDX-License-Identifier: Apache-2.0
// Sound at another rate: a polyphase filter whose response is a sinc below the
// lower of both Nyquist frequencies, under a Kaiser window. Without delay: the
// first samples of both are of one time. Immutable.
#ifndef LLMC_RUNTIME_AUDIO_RESAMPLER_H
#define LLMC_RUNTIME_AUDIO_RESAMPLER_H

#include <cstdint>
#include <span>
#include <vector>

namespace llmc {

class Resampler {
public:
  /// Rates within those that sound may have (Wav.h).
  Resampler(int64_t from, int64_t to);

  /// All of a sound, silence before and after it: ceil(n * to / from) samples.
  std::vector<float> run(std::span<const float> samples) const;

private:
  std::vector<float> tapsOf(int64_t phase) const;

  int64_t up_, down_; // the ratio's terms
  double cutoff_;     // of the input's Nyquist frequency
  double reach_;      // of the filter to each side, in samples of the input
  int64_t half_;      // taps to each side
};

} // namespace llmc

#endif
