// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/IntegerGrid.h"

#include "ir/llm/Wide.h"

#include <algorithm>
#include <bit>
#include <cmath>

// Sums in a fixed order and without fused operations: the same bits whatever
// machine compiles.
#pragma STDC FP_CONTRACT OFF

namespace llmc::llm {

/// The bits of f32 with the lowest `count` rounded away, halves to even.
static float withoutBits(float x, unsigned count) {
  uint32_t bits = std::bit_cast<uint32_t>(x);
  bits += (1u << (count - 1)) - 1 + (bits >> count & 1);
  return std::bit_cast<float>(bits & ~((1u << count) - 1));
}

float roundedScale(float x, ScaleType type) {
  if (type == ScaleType::F32)
    return x;
  if (type == ScaleType::E8M0) {
    int exponent = 0;
    float part = std::frexp(std::abs(x), &exponent); // of 0.5 to 1
    if (part == 0)
      return 0;
    return std::ldexp(1.0f, std::clamp(exponent - (part < 0.75f), -126, 127));
  }
  if (type == ScaleType::BF16) {
    constexpr float largest = 0x1.fep127f;
    return withoutBits(std::clamp(x, -largest, largest), 16);
  }
  constexpr float largest = 65504, smallestNormal = 0x1p-14f;
  if (std::abs(x) < smallestNormal) // multiples of 2^-24
    return std::nearbyint(x * 0x1p24f) * 0x1p-24f;
  return withoutBits(std::clamp(x, -largest, largest), 13);
}

/// x to the nearest integer for |x| < 2^22, halves to even; vectorizes.
static float roundHalfEven(float x) {
  constexpr float magic = 0x1.8p23f;
  return x + magic - magic;
}

int32_t IntegerGrid::nearest(float x, GridScale s) const {
  if (hasCodes())
    return nearestCode(codes, x / s.scale);
  float low = lowest() - s.zero, high = highest() - s.zero;
  return static_cast<int32_t>(
             roundHalfEven(std::clamp(x / s.scale, low, high))) +
         s.zero;
}

/// A scale of the grid's type that numbers can be divided by.
static float usable(float scale, ScaleType type) {
  float rounded = roundedScale(scale, type);
  if (rounded != 0)
    return rounded;
  if (scale == 0) // all numbers are 0
    return 1;
  float smallest = type == ScaleType::F16 ? 0x1p-24f : 0x1p-126f;
  return std::copysign(smallest, scale);
}

namespace {
struct Range {
  float low = 0, high = 0; ///< with 0 in it
  float furthest = 0;      ///< from 0
};
} // namespace

static Range rangeOf(std::span<const float> w) {
  Range r;
  for (float x : w)
    r.low = std::min(r.low, x), r.high = std::max(r.high, x);
  r.furthest = -r.low > r.high ? r.low : r.high;
  return r;
}

GridScale GroupFit::range(std::span<const float> w) const {
  Range r = rangeOf(w);
  if (grid.hasCodes()) {
    float most = std::abs(r.furthest), largest = largestCode(grid.codes);
    if (grid.scale != ScaleType::E8M0)
      return {usable(most / largest, grid.scale), 0};
    // The exponents of both, whatever their mantissas are.
    int from = 0, to = 0;
    std::frexp(most, &from), std::frexp(largest, &to);
    float scale = most > 0 ? std::ldexp(1.0f, from - to) : 0;
    return {usable(scale, grid.scale), 0};
  }
  if (!grid.symmetric) {
    // In double: the difference of two floats may be none.
    double width = static_cast<double>(r.high) - r.low;
    float scale =
        usable(static_cast<float>(width / grid.highest()), grid.scale);
    float zero = std::clamp(-r.low / scale, 0.0f, float(grid.highest()));
    return {scale, static_cast<int32_t>(roundHalfEven(zero))};
  }
  float steps = grid.lowest() - grid.middle(); // less than 0
  float furthest = grid.isSigned() ? -std::abs(r.furthest) : r.furthest;
  return {usable(furthest / steps, grid.scale), grid.middle()};
}

static constexpr size_t kLanes = 8;

void GroupFit::load(std::span<const float> w,
                    std::span<const float> importance) {
  size_t padded = (w.size() + kLanes - 1) / kLanes * kLanes;
  values.assign(padded, 0);
  std::copy(w.begin(), w.end(), values.begin());
  weights.assign(padded, 0);
  if (importance.empty())
    std::fill_n(weights.begin(), w.size(), 1.0f);
  else
    std::copy(importance.begin(), importance.end(), weights.begin());
}

GroupFit::Evaluation GroupFit::evaluateCodes(GridScale s) const {
  double error = 0, cross = 0, square = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    float x = values[i], d = grid.level(grid.nearest(x, s), 0),
          e = x - d * s.scale;
    error += static_cast<double>(weights[i]) * e * e;
    cross += static_cast<double>(weights[i]) * d * x;
    square += static_cast<double>(weights[i]) * d * d;
  }
  return {error, square > 0 ? static_cast<float>(cross / square) : s.scale};
}

namespace {
/// Of weighted squares, by lanes: every kLanes-th value.
struct LaneSums {
  float error[kLanes], cross[kLanes], square[kLanes];
};
} // namespace

/// `values` and `weights` of whole lanes, on the steps from `low` to `high`.
LLMC_WIDE static void addLanes(std::span<const float> values,
                               const float *weights, float scale, float low,
                               float high, LaneSums &out) {
  LaneSums sums = {}; // in registers
  for (size_t i = 0; i < values.size(); i += kLanes)
    for (size_t j = 0; j < kLanes; ++j) {
      float x = values[i + j], weight = weights[i + j];
      float d = x / scale;
      d = d < low ? low : d > high ? high : d;
      d = roundHalfEven(d);
      float e = x - d * scale, wd = weight * d;
      sums.error[j] += weight * e * e;
      sums.cross[j] += wd * x;
      sums.square[j] += wd * d;
    }
  out = sums;
}

GroupFit::Evaluation GroupFit::evaluate(GridScale s) const {
  if (grid.hasCodes())
    return evaluateCodes(s);
  LaneSums lanes;
  addLanes(values, weights.data(), s.scale, grid.lowest() - s.zero,
           grid.highest() - s.zero, lanes);
  double sums[3] = {};
  for (size_t j = 0; j < kLanes; ++j)
    sums[0] += lanes.error[j], sums[1] += lanes.cross[j],
        sums[2] += lanes.square[j];
  return {sums[0],
          sums[2] > 0 ? static_cast<float>(sums[1] / sums[2]) : s.scale};
}

void GroupFit::consider(GridScale s) {
  s.scale = usable(s.scale, grid.scale);
  Evaluation now = evaluate(s);
  if (now.error < bestError)
    bestError = now.error, best = s;
  GridScale refined{usable(now.refined, grid.scale), s.zero};
  if (refined.scale == s.scale || !std::isfinite(refined.scale))
    return;
  if (double error = evaluate(refined).error; error < bestError)
    bestError = error, best = refined;
}

// Ranges shrink to about half: beyond, groups of 16 and more only lose.

void GroupFit::considerSymmetric(std::span<const float> w) {
  constexpr int tries = 20;
  float furthest = rangeOf(w).furthest, low = grid.lowest() - grid.middle(),
        high = grid.highest() - grid.middle();
  for (int i = 0; i < tries; ++i) {
    float end = furthest * (1 - 0.025f * i);
    consider({end / low, grid.middle()});
    if (!grid.isSigned()) // one more integer on one side than on the other
      consider({end / high, grid.middle()});
  }
}

void GroupFit::considerCodes(std::span<const float> w) {
  if (grid.scale == ScaleType::E8M0) { // range() may cut off or reach too far
    float scale = best.scale;
    consider({2 * scale, 0}), consider({scale / 2, 0});
    return;
  }
  constexpr int tries = 20;
  float most = std::abs(rangeOf(w).furthest), end = largestCode(grid.codes);
  bool sided = grid.codes == Codes::NF4; // other numbers on one side
  for (int i = 0; i < tries; ++i) {
    float scale = most * (1 - 0.025f * i) / end;
    consider({scale, 0});
    if (sided)
      consider({-scale, 0});
  }
}

void GroupFit::considerAsymmetric(std::span<const float> w) {
  constexpr int tries = 16;
  Range r = rangeOf(w);
  double width = static_cast<double>(r.high) - r.low;
  for (int i = 0; i < tries; ++i) {
    float scale = static_cast<float>(width * (1 - 0.03 * i) / grid.highest());
    int32_t middle = best.zero;
    for (int32_t zero = middle - 1; zero <= middle + 1; ++zero)
      if (zero >= grid.lowest() && zero <= grid.highest())
        consider({scale, zero});
  }
}

GridScale GroupFit::leastError(std::span<const float> w,
                               std::span<const float> importance) {
  load(w, importance);
  best = range(w);
  bestError = evaluate(best).error;
  if (bestError == 0)
    return best;
  if (grid.hasCodes())
    considerCodes(w);
  else
    grid.symmetric ? considerSymmetric(w) : considerAsymmetric(w);
  return best;
}

/// |x|^(1/4): roots alone give the same bits on every machine.
static float fourthRoot(float x) { return std::sqrt(std::sqrt(std::abs(x))); }

double GroupFit::normOf(std::span<const float> w, GridScale s) const {
  double sum = 0;
  for (float x : w) {
    float root = fourthRoot(x - grid.value(grid.nearest(x, s), s));
    sum += root * root * root;
  }
  return sum;
}

GridScale GroupFit::splitStep(std::span<const float> w, GridScale s,
                              float beta) const {
  double cross = 0, square = 0, shift = 0;
  for (float x : w) {
    float d = static_cast<float>(grid.nearest(x, s) - s.zero),
          error = x / s.scale - d; // in steps
    float left = std::abs(error) - 1 / (beta * fourthRoot(error));
    float target = x / s.scale - (left > 0 ? std::copysign(left, error) : 0);
    cross += target * d, square += d * d, shift += d - target;
  }
  if (!(square > 0) || !std::isfinite(cross))
    return s;
  GridScale to{usable(static_cast<float>(s.scale * cross / square), grid.scale),
               s.zero};
  if (!grid.symmetric) {
    double zero = s.zero + shift / static_cast<double>(w.size());
    to.zero = static_cast<int32_t>(roundHalfEven(
        static_cast<float>(std::clamp<double>(zero, 0, grid.highest()))));
  }
  return to;
}

GridScale GroupFit::leastNorm(std::span<const float> w) {
  GridScale least = leastError(w), s = least;
  double smallest = normOf(w, least);
  constexpr int steps = 20;
  float beta = 10;
  for (int i = 0; i < steps && smallest > 0; ++i, beta *= 1.01f) {
    s = splitStep(w, s, beta);
    if (double norm = normOf(w, s); norm < smallest)
      smallest = norm, least = s;
  }
  return least;
}

GridScale GroupFit::fit(Fit how, std::span<const float> w,
                        std::span<const float> importance) {
  switch (how) {
  case Fit::Range:
    return range(w);
  case Fit::LeastError:
    return leastError(w, importance);
  case Fit::LeastNorm:
    return leastNorm(w);
  }
  return range(w);
}

} // namespace llmc::llm
