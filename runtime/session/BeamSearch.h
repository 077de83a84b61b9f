// SPDX-License-Identifier: Apache-2.0
// Beam search: the texts with the highest sum of log probabilities over their
// length, as transformers' generate() looks for them with num_beams,
// length_penalty and early_stopping. Used by the generator; one thread at a
// time.
#ifndef LLMC_RUNTIME_SESSION_BEAMSEARCH_H
#define LLMC_RUNTIME_SESSION_BEAMSEARCH_H

#include "runtime/session/GenerateOptions.h"
#include "runtime/session/LogitProcessors.h"
#include "runtime/session/Scores.h"
#include "runtime/session/Session.h"
#include "runtime/session/TextConstraint.h"
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace llmc {

using TokenScores = std::vector<TokenScore>;

/// A token of a found text: its log probability, and the likeliest tokens in
/// its place when they were asked for.
struct BeamToken {
  uint32_t token;
  float logprob;
  std::shared_ptr<const TokenScores> likeliest;
};

struct BeamText {
  std::vector<BeamToken> tokens; // an end token is the last one
  double score;                  // sum of log probabilities / length^penalty
  bool isComplete; // the constraint allows no more, and no end token says so
};

class BeamSearch {
public:
  /// Says whether a new text ends here, for another reason than its last token
  /// or its length; or whether all do, at the end of the time.
  struct Ends {
    std::function<bool(std::span<const int64_t> text)> text;
    std::function<bool()> all;
  };

  /// Completed options. All must outlive it.
  BeamSearch(Session &session, const GenerateOptions &options,
             std::span<const int64_t> prompt, const Ends &ends);

  /// From the logits after the prompt, which the session holds; the best texts
  /// first. Leaves the session with one branch.
  Result<std::vector<BeamText>> run(Session::Logits logits);

  int64_t steps() const { return steps_; } // of the decoder
  int64_t most() const { return most_; }   // tokens of a text

private:
  // A token behind another one; texts share their beginnings.
  struct Node {
    int64_t parent; // -1: the prompt
    BeamToken token;
  };
  struct Beam {
    double sum = 0; // of its tokens' scores
    int64_t node = -1;
    size_t branch = 0;
    TextConstraint constraint;
  };
  struct Candidate {
    double sum;
    size_t beam;
    BeamToken token;
    bool ends;
    bool isComplete;
  };
  struct Finished {
    double score;
    int64_t node;
    bool isComplete;
  };

  Result<std::vector<BeamText>> search(Session::Logits logits);
  Result<bool> step(Session::Logits first);
  Status expand(size_t beam, Session::Logits logits);
  Status orderCandidates();
  Status markEnd(Candidate &candidate);
  bool endsText(const Candidate &candidate);
  void finishTexts();
  Status continueBeams();
  bool mayImprove() const;
  int64_t addNode(const Candidate &candidate);
  void readHistory(int64_t node);
  double scoreOf(double sum, int64_t length) const;
  std::vector<BeamText> texts() const;

  Session &session_;
  const GenerateOptions &options_;
  std::span<const int64_t> prompt_;
  const Ends &ends_;
  LogitProcessors processors_;
  size_t width_;       // beams
  size_t kept_;        // candidates of a step
  int64_t most_;       // tokens of a text
  int64_t length_ = 0; // tokens of the open texts
  int64_t steps_ = 0;

  std::vector<Node> nodes_;
  std::vector<Beam> beams_;
  std::vector<Candidate> candidates_;
  std::vector<Finished> finished_; // the best first, at most width_
  std::vector<float> scores_;
  std::vector<int64_t> history_; // prompt and text of one beam
  TokenScores best_;
};

} // namespace llmc

#endif
