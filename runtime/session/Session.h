// SPDX-License-Identifier: Apache-2.0
// Generation with a decoder, token by token: owns the states (KV caches) and
// feeds the inputs by their roles. One thread at a time, except cancel(). After
// creation and the first step of each kind a step takes no memory.
#ifndef LLMC_RUNTIME_SESSION_SESSION_H
#define LLMC_RUNTIME_SESSION_SESSION_H

#include "runtime/core/Memory.h"
#include "runtime/session/Call.h"
#include "runtime/session/Feed.h"
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

  /// Appends the tokens (at least one) and returns the logits of the last one,
  /// valid until the next call. On failure the length is as before.
  Result<Logits> prefill(std::span<const int64_t> tokens);
  /// The same for one token, through the entry made for it.
  Result<Logits> decode(int64_t token);
  /// Forgets all positions from `length` on.
  Status rewind(int64_t length);

  /// Texts that share a beginning: copies of the states that steps use in turn.
  /// There is one at first; others begin with nothing of worth in them. The
  /// length is common to all, so rewind() comes before the step of the next
  /// one. Fewer give their memory back, and branch 0 is used.
  Status setBranches(size_t count);
  void useBranch(size_t branch);
  /// Copies the positions [begin, end).
  void copyBranch(size_t from, size_t to, int64_t begin, int64_t end);

  int64_t length() const { return length_; }
  int64_t capacity() const { return capacity_; }
  /// Bytes of address space of the states.
  uint64_t stateBytes() const;
  const Model &model() const { return *model_; }

  /// From any thread or a signal handler: the current or next step fails soon
  /// with "cancelled".
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  /// A flag to watch instead of cancel()'s. Not owned.
  void shareCancelFlag(std::atomic<bool> *flag) {
    prefill_.call->shareCancelFlag(flag);
    decode_.call->shareCancelFlag(flag);
  }
  void setProfile(Profile *profile);

private:
  struct State { // [rows, capacity, bytesPerPosition], one for each branch
    std::vector<Buffer> branches;
    int64_t rows;
    int64_t bytesPerPosition; // of one row: everything after the sequence axis
  };
  struct Step {
    std::unique_ptr<Call> call;
    Feed feed;
    size_t logits = 0; // index of the output
  };

  Session() = default;
  Status makeStep(Step &step, const EntryRef &entry);
  Status makeStates(const EntryInfo &entry);
  Status addBranch(State &state);
  Result<Logits> run(Step &step, std::span<const int64_t> tokens);
  Result<Logits> lastLogits(const LlmcTensor &tensor);

  std::shared_ptr<const Model> model_;
  Step prefill_, decode_;
  std::vector<State> states_;
  std::vector<LlmcState> views_; // of states_, as compiled code sees them
  std::atomic<bool> cancelled_ = false;
  int64_t length_ = 0;
  int64_t capacity_ = 0;
  Buffer logits_; // when the model's are not f32
};

} // namespace llmc

#endif
