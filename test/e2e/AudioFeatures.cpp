// SPDX-License-Identifier: Apache-2.0
// Writes the log-mel features of a WAV file's first window as raw floats, for
// the test that compares them with NumPy: audio-features WAV BINS SAMPLES OUT
#include "runtime/audio/LogMel.h"
#include "runtime/audio/Resampler.h"
#include "runtime/audio/Wav.h"
#include "runtime/core/File.h"
#include <cstdio>
#include <cstdlib>

using namespace llmc;

int main(int count, char **arguments) {
  if (count != 5)
    return 2;
  auto file = MappedFile::open(arguments[1]);
  auto sound = file ? readWav((*file)->bytes()) : Result<Sound>(Sound());
  if (!file || !sound)
    return 2;
  MelSettings settings;
  settings.bins = std::atoll(arguments[2]);
  settings.samples = std::atoll(arguments[3]);
  auto samples = Resampler(sound->rate, settings.rate).run(sound->samples);
  samples.resize(static_cast<size_t>(settings.samples));
  auto features = LogMel(settings).run(samples);
  FILE *out = std::fopen(arguments[4], "wb");
  bool written = out && std::fwrite(features.data(), sizeof(float),
                                    features.size(), out) == features.size();
  return written && std::fclose(out) == 0 ? 0 : 1;
}
