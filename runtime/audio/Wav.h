// SPDX-License-Identifier: Apache-2.0
// WAV files as one channel of samples. Untrusted: every size is checked against
// the bytes that are there. Stateless.
#ifndef LLMC_RUNTIME_AUDIO_WAV_H
#define LLMC_RUNTIME_AUDIO_WAV_H

#include "runtime/core/Status.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace llmc {

/// Rates that sound may have, in samples a second.
constexpr int64_t leastSampleRate = 1000, mostSampleRate = 384'000;

struct Sound {
  int64_t rate = 0;
  std::vector<float> samples; // about [-1, 1]
};

/// RIFF/WAVE, plain or extensible: PCM of 8, 16, 24 or 32 bits, floats of 32 or
/// 64. Several channels become their mean. BadInput where it is none, is cut
/// off or holds NaN; Unsupported for another coding.
Result<Sound> readWav(std::span<const std::byte> file);

} // namespace llmc

#endif
