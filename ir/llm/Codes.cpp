// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/Codes.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace llmc::llm {
namespace {

constexpr float kNF4[16] = {-1.0f,
                            -0.6961928009986877f,
                            -0.5250730514526367f,
                            -0.39491748809814453f,
                            -0.28444138169288635f,
                            -0.18477343022823334f,
                            -0.09105003625154495f,
                            0.0f,
                            0.07958029955625534f,
                            0.16093020141124725f,
                            0.24611230194568634f,
                            0.33791524171829224f,
                            0.44070982933044434f,
                            0.5626170039176941f,
                            0.7229568362236023f,
                            1.0f};

/// Floats of a sign, `exponent` bits and the rest as the mantissa. With
/// infinities the largest exponent is theirs and NaN's, else the last code
/// alone is NaN, of 4 bits none.
std::vector<float> floatsOf(int bits, int exponent, bool infinities) {
  int mantissa = bits - 1 - exponent, bias = (1 << (exponent - 1)) - 1;
  int half = 1 << (bits - 1), one = 1 << mantissa;
  std::vector<float> all(2 * half);
  for (int code = 0; code < half; ++code) {
    int e = code / one, m = code % one;
    float x = std::ldexp(static_cast<float>(e ? one + m : m),
                         std::max(e, 1) - bias - mantissa);
    if (infinities && e == (1 << exponent) - 1)
      x = m ? std::numeric_limits<float>::quiet_NaN()
            : std::numeric_limits<float>::infinity();
    if (!infinities && bits == 8 && code == half - 1)
      x = std::numeric_limits<float>::quiet_NaN();
    all[code] = x, all[half + code] = -x;
  }
  return all;
}

struct Table {
  std::vector<float> numbers; ///< by code
  /// Of the finite numbers in order: the least x that becomes the next one, and
  /// codes. -0 has none.
  std::vector<float> bounds;
  std::vector<uint8_t> ordered;
  float largest = 0;

  explicit Table(std::vector<float> all) : numbers(std::move(all)) {
    for (size_t code = 0; code < numbers.size(); ++code)
      if (std::isfinite(numbers[code]) &&
          !(numbers[code] == 0 && std::signbit(numbers[code])))
        ordered.push_back(static_cast<uint8_t>(code));
    std::sort(ordered.begin(), ordered.end(),
              [&](uint8_t a, uint8_t b) { return numbers[a] < numbers[b]; });
    largest = numbers[ordered.back()];
    for (size_t i = 0; i + 1 < ordered.size(); ++i) {
      double middle =
          (static_cast<double>(numbers[ordered[i]]) + numbers[ordered[i + 1]]) /
          2;
      auto bound = static_cast<float>(middle);
      bool down = bound == middle && ordered[i] % 2 == 0;
      if (bound < middle || down)
        bound = std::nextafter(bound, std::numeric_limits<float>::infinity());
      bounds.push_back(bound);
    }
    // Of 16 for all tables of 4 bits: a loop of fixed length below.
    bounds.resize((bounds.size() + 15) / 16 * 16,
                  std::numeric_limits<float>::infinity());
  }

  int32_t nearest(float x) const {
    size_t place = 0;
    if (bounds.size() == 16)
      for (size_t i = 0; i < 16; ++i)
        place += x >= bounds[i];
    else
      place =
          std::upper_bound(bounds.begin(), bounds.end(), x) - bounds.begin();
    return ordered[std::min(place, ordered.size() - 1)];
  }
};

const Table &tableOf(Codes codes) {
  static const std::array<Table, 4> tables = {
      Table({std::begin(kNF4), std::end(kNF4)}), Table(floatsOf(4, 2, false)),
      Table(floatsOf(8, 4, false)), Table(floatsOf(8, 5, true))};
  assert(codes != Codes::None && "integers have no codebook");
  return tables[static_cast<size_t>(codes) - 1];
}
} // namespace

std::span<const float> codebook(Codes codes) { return tableOf(codes).numbers; }

float largestCode(Codes codes) { return tableOf(codes).largest; }

int32_t nearestCode(Codes codes, float x) { return tableOf(codes).nearest(x); }

} // namespace llmc::llm
