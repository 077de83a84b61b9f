// SPDX-License-Identifier: Apache-2.0
// The integers, or other numbers of few bits, that numbers of a weight become,
// and how a group of numbers gets its scale and zero point: what recipes of
// kind "quantize" compute, and what the algorithms of passes/quantize build on.
// No MLIR; the same results on every machine.
#pragma once

#include "ir/llm/Codes.h"

#include <span>
#include <vector>

namespace llmc::llm {

/// The type that scales are rounded to. E8M0: powers of two from 2^-126 on.
enum class ScaleType { F32, F16, BF16, E8M0 };

/// x as the nearest finite number of the type.
float roundedScale(float x, ScaleType type);

/// A number of a group: (q - zero) * scale, or the code q's number * scale.
struct GridScale {
  float scale = 1;
  int32_t zero = 0;
};

/// Integers of 2 to 8 bits. Symmetric ones of 8 bits are signed, from -127 on,
/// and have the zero point 0; others are unsigned, and symmetric ones have the
/// middle 2^(bits - 1) as their zero point. Codes are symmetric, of 4 or 8
/// bits, and their zero point is 0.
struct IntegerGrid {
  unsigned bits = 4;
  bool symmetric = true;
  ScaleType scale = ScaleType::F16;
  Codes codes = Codes::None;

  bool hasCodes() const { return codes != Codes::None; }
  bool isSigned() const { return symmetric && bits == 8 && !hasCodes(); }
  int32_t lowest() const { return isSigned() ? -127 : 0; }
  int32_t highest() const { return isSigned() ? 127 : (1 << bits) - 1; }
  int32_t middle() const {
    return isSigned() || hasCodes() ? 0 : 1 << (bits - 1);
  }
  bool operator==(const IntegerGrid &) const = default;

  /// The nearest integer or code, halves to even.
  int32_t nearest(float x, GridScale s) const;
  /// What the scale multiplies: q - zero, or the code's number.
  float level(int32_t q, int32_t zero) const {
    return hasCodes() ? codebook(codes)[q] : static_cast<float>(q - zero);
  }
  float value(int32_t q, GridScale s) const {
    return level(q, s.zero) * s.scale;
  }
};

/// How the scale and the zero point of a group are chosen.
enum class Fit {
  Range,      ///< all numbers are reached
  LeastError, ///< least sum of squared errors
  LeastNorm   ///< least sum of |error|^(3/4): few large errors may stay
};

/// Chooses scales for groups of finite numbers. Keeps buffers between calls:
/// one object per thread.
class GroupFit {
public:
  explicit GroupFit(const IntegerGrid &grid) : grid(grid) {}

  /// One of the following; importance counts where errors are squared.
  GridScale fit(Fit how, std::span<const float> w,
                std::span<const float> importance = {});

  /// Covers all numbers: round to nearest. A symmetric group of unsigned
  /// integers spans from the number furthest from 0, which becomes the lowest
  /// integer; one of both signs needs a scale less than 0 for that. Of codes
  /// the largest becomes the furthest number; scales that are powers of two may
  /// cut it off by a quarter (OCP's Microscaling Formats 1.0, 6.3).
  GridScale range(std::span<const float> w) const;
  /// The least sum of importance[i] * error[i]^2 found among shrunken ranges,
  /// each with the scale that least squares gives for its integers; no worse
  /// than range(). No importance: all alike.
  GridScale leastError(std::span<const float> w,
                       std::span<const float> importance = {});
  /// From leastError() on by half-quadratic splitting, as HQQ does (Badri and
  /// Shaji, 2023): errors shrink towards 0, and the scale and zero point follow
  /// by least squares. No worse than leastError() in its own norm. Of integers.
  GridScale leastNorm(std::span<const float> w);

private:
  struct Evaluation {
    double error;
    float refined; ///< the best scale for these integers
  };
  void load(std::span<const float> w, std::span<const float> importance);
  Evaluation evaluate(GridScale s) const;
  Evaluation evaluateCodes(GridScale s) const;
  double normOf(std::span<const float> w, GridScale s) const;
  GridScale splitStep(std::span<const float> w, GridScale s, float beta) const;
  void consider(GridScale s);
  void considerSymmetric(std::span<const float> w);
  void considerCodes(std::span<const float> w);
  void considerAsymmetric(std::span<const float> w);

  IntegerGrid grid;
  std::vector<float> values, weights; ///< padded with zeros
  GridScale best;
  double bestError = 0;
};

} // namespace llmc::llm
