// SPDX-License-Identifier: Apache-2.0
// A decoder on a text, window by window: its perplexity, and how far its
// predictions are from another one's. Sums are in double and in the text's
// order, so that they do not depend on the threads. Used by `llmc eval` and by
// the compiler's evaluator; one thread at a time.
#ifndef LLMC_RUNTIME_EVAL_TEXTEVALUATION_H
#define LLMC_RUNTIME_EVAL_TEXTEVALUATION_H

#include "runtime/core/ThreadPool.h"
#include "runtime/eval/LogitSource.h"
#include "runtime/eval/ScoreSums.h"
#include <vector>

namespace llmc::eval {

/// How a text of many tokens is cut. A window of n tokens predicts n more: its
/// own from the second on, and the one behind it.
struct Windowing {
  size_t window = 512; // tokens that the model sees at once
  size_t stride = 0;   // from one window to the next; 0: the window's length
  size_t most = 0;     // windows; 0: all
};

/// Tokens [begin, begin + count); the last `scored` of their predictions count,
/// the others were scored by the window before.
struct Window {
  size_t begin, count, scored;
  bool operator==(const Window &) const = default;
};

/// A rest that fills no window is left out; a text that fills none is one
/// window of its own. BadInput where the text has nothing to predict.
Result<std::vector<Window>> cutWindows(size_t tokens, const Windowing &);

class TextEvaluation {
public:
  /// `baseline` may be null. All must outlive it; `pool` runs the sums.
  TextEvaluation(LogitSource &model, LogitSource *baseline, ThreadPool &pool,
                 size_t worst)
      : source_{model, 0}, baseline_{baseline ? *baseline : model, 0},
        hasBaseline_(baseline != nullptr), pool_(pool),
        sums_(baseline != nullptr, worst) {}

  /// Scores one more window of the text.
  Status add(std::span<const int64_t> text, const Window &window);

  /// Positions are those of the text's tokens.
  const ScoreSums &sums() const { return sums_; }
  size_t tokensRun() const { return tokensRun_; }
  double seconds() const { return source_.seconds; } // of running the model
  double baselineSeconds() const { return baseline_.seconds; }

private:
  struct TimedSource {
    LogitSource &source;
    double seconds;
    Result<LogitRows> run(std::span<const int64_t> tokens);
  };

  TimedSource source_, baseline_;
  bool hasBaseline_;
  ThreadPool &pool_;
  ScoreSums sums_;
  std::vector<Comparison> scores_; // of the window at hand
  size_t tokensRun_ = 0;
};

} // namespace llmc::eval

#endif
