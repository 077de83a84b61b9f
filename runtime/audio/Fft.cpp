// SPDX-License-Identifier: Apache-2.0
#include "runtime/audio/Fft.h"
#include <algorithm>
#include <numbers>

namespace llmc {

Fft::Fft(size_t size) : size_(size) {
  for (size_t rest = size, p = 2; rest > 1; ++p)
    for (; rest % p == 0; rest /= p)
      factors_.push_back(p);
  std::reverse(factors_.begin(), factors_.end());
  for (size_t k = 0; k < size; ++k)
    roots_.push_back(
        std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k) /
                            static_cast<double>(size)));
}

void Fft::run(const Number *in, Number *out) const {
  std::vector<Number> column(factors_.empty() ? 0 : factors_.front());
  step(in, out, 1, 0, column.data());
}

/// The transform of every stride-th number: those of its residues by the
/// level's factor, which butterflies join. `column` has room for a factor.
void Fft::step(const Number *in, Number *out, size_t stride, size_t level,
               Number *column) const {
  if (level == factors_.size()) {
    *out = *in;
    return;
  }
  size_t parts = factors_[level], size = size_ / stride, part = size / parts;
  for (size_t r = 0; r < parts; ++r)
    step(in + r * stride, out + r * part, stride * parts, level + 1, column);
  for (size_t k = 0; k < part; ++k) {
    for (size_t r = 0; r < parts; ++r)
      column[r] = out[r * part + k] * roots_[r * k * stride % size_];
    for (size_t q = 0; q < parts; ++q) {
      Number sum = 0;
      for (size_t r = 0; r < parts; ++r)
        sum += column[r] * roots_[r * q * part * stride % size_];
      out[q * part + k] = sum;
    }
  }
}

} // namespace llmc
