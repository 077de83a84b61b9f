// SPDX-License-Identifier: Apache-2.0
// Scores of many predictions, summed in double in the order they come in, and
// the few that are worst. Used by the evaluations of texts and of classes; one
// thread at a time.
#ifndef LLMC_RUNTIME_EVAL_SCORESUMS_H
#define LLMC_RUNTIME_EVAL_SCORESUMS_H

#include "runtime/core/Status.h"
#include "runtime/eval/Prediction.h"
#include <vector>

namespace llmc::eval {

/// What was predicted, by its place in the text or in the file.
struct ScoredPrediction {
  size_t position = 0;
  Comparison scores; // without a baseline only `ours`
};

class ScoreSums {
public:
  /// Keeps the `worst` of the largest divergence.
  ScoreSums(bool hasBaseline, size_t worst)
      : hasBaseline_(hasBaseline), worstCount_(worst) {}

  /// BadInput where a model rules everything out.
  Status add(const ScoredPrediction &scored);

  size_t count() const { return count_; }
  /// exp(mean loss).
  double perplexity() const { return perplexityOf(ours_); }
  double baselinePerplexity() const { return perplexityOf(baseline_); }
  /// Share of predictions whose likeliest was right.
  double accuracy() const { return shareOf(ours_.hits); }
  double baselineAccuracy() const { return shareOf(baseline_.hits); }
  /// Of the baseline's predictions to ours, in nats.
  double meanDivergence() const;
  double largestDivergence() const { return largest_; }
  /// Share of predictions with the same likeliest.
  double agreement() const { return shareOf(same_); }
  /// The worst first, of equal ones the earlier.
  const std::vector<ScoredPrediction> &worst() const { return worst_; }

private:
  struct Model {
    double loss = 0;
    size_t hits = 0;
  };
  double perplexityOf(const Model &model) const;
  double shareOf(size_t part) const;
  void keepWorst(const ScoredPrediction &scored);

  bool hasBaseline_;
  size_t worstCount_, count_ = 0, same_ = 0;
  Model ours_, baseline_;
  double divergence_ = 0, largest_ = 0;
  std::vector<ScoredPrediction> worst_;
};

} // namespace llmc::eval

#endif
