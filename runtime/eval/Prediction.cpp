// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/Prediction.h"
#include "runtime/session/Scores.h"
#include <algorithm>
#include <cmath>

namespace llmc::eval {

namespace {
/// The largest logit and where the others are from it.
struct Shift {
  explicit Shift(std::span<const float> logits)
      : top(argmax(logits)), largest(logits[top]) {}
  double weight(float logit) const { return std::exp(logit - largest); }

  uint32_t top;
  double largest;
};
} // namespace

/// `sum` is of exp(logit - largest).
static Prediction scoreOf(std::span<const float> logits, const Shift &shift,
                          double sum, uint32_t next) {
  Prediction score;
  score.isUsable = std::isfinite(shift.largest);
  score.loss = std::log(sum) + (shift.largest - logits[next]);
  score.top = shift.top;
  score.probability = 1 / sum;
  score.hit = shift.top == next;
  return score;
}

Prediction scorePrediction(std::span<const float> logits, uint32_t next) {
  Shift shift(logits);
  double sum = 0;
  for (float logit : logits)
    sum += shift.weight(logit);
  return scoreOf(logits, shift, sum, next);
}

Comparison comparePredictions(std::span<const float> ours,
                              std::span<const float> baseline, uint32_t next) {
  Shift q(ours), p(baseline);
  double sumQ = 0, sumP = 0, distance = 0;
  for (size_t i = 0; i < ours.size(); ++i) {
    double weight = p.weight(baseline[i]);
    sumP += weight;
    sumQ += q.weight(ours[i]);
    if (weight > 0) // else the term is 0, whatever the logits
      distance += weight * ((baseline[i] - p.largest) - (ours[i] - q.largest));
  }
  Comparison result;
  result.ours = scoreOf(ours, q, sumQ, next);
  result.baseline = scoreOf(baseline, p, sumP, next);
  // Rounding may leave a little less than nothing.
  result.divergence =
      std::max(0.0, distance / sumP + (std::log(sumQ) - std::log(sumP)));
  return result;
}

} // namespace llmc::eval
