// SPDX-License-Identifier: Apache-2.0
// Fuzzes the reader of WAV files. Every file must be refused or read; what is
// read has finite samples at a rate that the resampler takes, as many as its
// bytes allow.
#include "runtime/audio/Wav.h"
#include <cmath>
#include <cstdlib>

using namespace llmc;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto sound = readWav(std::as_bytes(std::span(data, size)));
  if (!sound)
    return 0;
  if (sound->rate < leastSampleRate || sound->rate > mostSampleRate ||
      sound->samples.size() > size)
    std::abort();
  for (float sample : sound->samples)
    if (!std::isfinite(sample))
      std::abort();
  return 0;
}
