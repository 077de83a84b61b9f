// SPDX-License-Identifier: Apache-2.0
// Generation with a decoder, token by token: owns the states (KV caches) and
// feeds the inputs by their roles. One thread at a time, except cancel(). After
// creation and the first step of each kind a step takes no memory.
#ifndef LLMC_RUNTIME_SESSION_SESSION_H
#define LLMC_RUNTIME_SESSION_SESSION_H

#include "runtime/core/Memory.h"
#include "runtime/session/Call.h"
#include "runtime/session/Feed.h"
#include "runtime/session/SharedStep.h"
#include "runtime/session/Source.h"
#include "runtime/session/States.h"
#include <memory>
#include <span>
#include <vector>

namespace llmc {

struct SessionOptions {
  std::string model = {}; // empty: the first with the entry
  int64_t capacity = 0;   // positions to make room for; 0: the model's context
                          // length, or 2048 when it is not known
};

class Session {
public:
  using Logits = std::span<const float>;

  static Result<std::unique_ptr<Session>>
  create(std::shared_ptr<const Model> model, const SessionOptions &options);

  /// Whether the decoder looks at a source, which has to be read first.
  bool hasSource() const { return source_ != nullptr; }
  const Source &source() const { return *source_; }
  /// Runs the encoder, and begins a text about what it has read.
  Status readSource(std::span<const int64_t> tokens);
  Status readSource(const LlmcTensor &features);

  /// Appends the tokens (at least one) and returns the logits of the last one,
  /// valid until the next call. On failure the length is as before.
  Result<Logits> prefill(std::span<const int64_t> tokens);
  /// The same for one token, through the entry made for it.
  Result<Logits> decode(int64_t token);
  /// Appends the tokens (at least one), whose logits row() then has, each the
  /// same bits as of prefill() and decode(). Unsupported where the model has no
  /// entry `step`. On failure the length is as before.
  Status extend(std::span<const int64_t> tokens);
  /// The logits behind token i of the last extend(); valid until the next row
  /// or step.
  Result<Logits> row(size_t i) {
    return shared_->logits(i, extended_ + static_cast<int64_t>(i));
  }
  /// Forgets all positions from `length` on.
  Status rewind(int64_t length);
  /// Forgets what is not the beginning of `tokens`, and of these the last one,
  /// whose logits are wanted. Returns the length that is left: tokens behind it
  /// give the bits that all of them do.
  int64_t keepCommon(std::span<const int64_t> tokens);

  /// Its caches, for texts that share a beginning. The length is common to all
  /// branches, so rewind() comes before the step of the next one.
  States &states() { return *states_; }

  int64_t length() const { return length_; }
  int64_t capacity() const { return capacity_; }
  const Model &model() const { return *model_; }

  /// From any thread or a signal handler: the current or next step fails soon
  /// with "cancelled".
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  /// Forgets a cancel() that came after the last step.
  void forgetCancel() { cancelled_.store(false, std::memory_order_relaxed); }
  /// A flag to watch instead of cancel()'s. Not owned.
  void shareCancelFlag(std::atomic<bool> *flag);
  void setProfile(Profile *profile);

private:
  struct Step {
    std::unique_ptr<Call> call;
    Feed feed;
    size_t logits = 0; // index of the output
    size_t piece = 0;  // tokens at most
  };

  Session() = default;
  Status build(const EntryRef &prefill, const EntryRef &decode);
  Status makeStep(Step &step, const EntryRef &entry);
  Status takeSource(Status read);
  Result<Logits> run(Step &step, std::span<const int64_t> tokens);
  void advance(std::span<const int64_t> tokens);
  Result<Logits> lastLogits(const LlmcTensor &tensor);

  Status checkRoom(int64_t count) const;

  std::shared_ptr<const Model> model_;
  std::string name_; // of the model in the artifact; empty: the first
  std::unique_ptr<Source> source_; // null: a decoder alone
  Step prefill_, decode_;
  std::unique_ptr<SharedStep> shared_; // once extend() was called
  int64_t extended_ = 0;               // the length before the last one
  std::atomic<bool> *cancelFlag_ = &cancelled_;
  Profile *profile_ = nullptr;
  std::optional<States> states_;
  std::atomic<bool> cancelled_ = false;
  int64_t length_ = 0;
  std::vector<int64_t> tokens_; // at the positions, and beyond
  int64_t capacity_ = 0;
  Buffer logits_; // when the model's are not f32
};

} // namespace llmc

#endif
