// SPDX-License-Identifier: Apache-2.0
// The discrete Fourier transform of any length, split by its prime factors
// (Cooley and Tukey: An Algorithm for the Machine Calculation of Complex
// Fourier Series, 1965). Windows of sound are short, so there is nothing more
// to it. Immutable.
#ifndef LLMC_RUNTIME_AUDIO_FFT_H
#define LLMC_RUNTIME_AUDIO_FFT_H

#include <complex>
#include <cstddef>
#include <vector>

namespace llmc {

class Fft {
public:
  using Number = std::complex<double>;

  explicit Fft(size_t size);

  /// out[k] = sum of in[n] exp(-2 pi i k n / size); not in place.
  void run(const Number *in, Number *out) const;

private:
  void step(const Number *in, Number *out, size_t stride, size_t level,
            Number *column) const;

  size_t size_;
  std::vector<size_t> factors_; // the largest first
  std::vector<Number> roots_;   // exp(-2 pi i k / size)
};

} // namespace llmc

#endif
