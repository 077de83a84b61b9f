// SPDX-License-Identifier: Apache-2.0
// One step of several sequences together: their new tokens run through the
// entry `step`, which reads the weights once for all of them, while each has
// its own caches. A sequence's logits are the same bits in any company. Used by
// the scheduler, and by sessions for the logits of several tokens; one thread
// at a time.
#ifndef LLMC_RUNTIME_SESSION_SHAREDSTEP_H
#define LLMC_RUNTIME_SESSION_SHAREDSTEP_H

#include "runtime/session/Call.h"
#include "runtime/session/Feed.h"
#include "runtime/session/States.h"

namespace llmc {

/// A sequence's part of a step.
struct StepPart {
  States *states = nullptr;
  Segment segment;
  size_t rows = 0; // the logits of its last so many tokens are asked for
};

class SharedStep {
public:
  /// Unsupported where the model has no entry `step`. `model` is a model's
  /// name, or empty.
  static Result<std::unique_ptr<SharedStep>>
  create(std::shared_ptr<const Model> model, const std::string &name);

  const EntryInfo &info() const { return call_->info(); }

  /// At least one part, none without tokens. The caches then hold the tokens;
  /// the sequences' lengths are the caller's to advance. After a failure what
  /// lies behind the old lengths is undefined.
  Status run(std::span<const StepPart> parts);
  /// Row i of what was asked for, the parts in order; valid until the next row
  /// or run. NaN and the like are refused, naming the position.
  Result<std::span<const float>> logits(size_t row, int64_t position);

  /// See Call.
  void shareCancelFlag(std::atomic<bool> *flag) {
    call_->shareCancelFlag(flag);
  }
  void setProfile(Profile *profile) { call_->setProfile(profile); }

private:
  SharedStep() = default;

  std::unique_ptr<Call> call_;
  Feed feed_;
  size_t output_ = 0; // the logits
  Buffer converted_;  // when they are not f32
  std::vector<Segment> segments_;
  std::vector<LlmcState> states_;
  std::vector<int64_t> rows_;
};

} // namespace llmc

#endif
