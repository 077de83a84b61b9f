// SPDX-License-Identifier: Apache-2.0
// What a row of logits says of the token that came next, and how far two rows
// are apart. Everything is summed in double, in the rows' order. Stateless
// functions; logits are no NaN and not infinite, but may be minus infinity.
#ifndef LLMC_RUNTIME_EVAL_PREDICTION_H
#define LLMC_RUNTIME_EVAL_PREDICTION_H

#include <cstdint>
#include <span>

namespace llmc::eval {

struct Prediction {
  double loss = 0;        // -log(probability of the next token), in nats
  uint32_t top = 0;       // the likeliest token
  double probability = 0; // of the likeliest token
  bool hit = false;       // the next token is the likeliest
  bool isUsable = false;  // false: all tokens are ruled out
};

struct Comparison {
  Prediction ours, baseline;
  /// KL(baseline || ours) = sum of p log(p / q) in nats: what is lost where q
  /// stands for p. Infinite where q rules a token out that p does not.
  double divergence = 0;
};

/// `next` must be below the number of logits.
Prediction scorePrediction(std::span<const float> logits, uint32_t next);

/// Rows of equal length.
Comparison comparePredictions(std::span<const float> ours,
                              std::span<const float> baseline, uint32_t next);

} // namespace llmc::eval

#endif
