// SPDX-License-Identifier: Apache-2.0
// Runs one entry of a model on given tensors: the LlmcContext of abi.h. Keeps
// its buffers between runs. One thread at a time, except cancel().
#ifndef LLMC_RUNTIME_SESSION_CALL_H
#define LLMC_RUNTIME_SESSION_CALL_H

#include "runtime/core/BlockPool.h"
#include "runtime/core/Memory.h"
#include "runtime/session/Model.h"
#include "runtime/session/OutputSequence.h"
#include "runtime/session/Profile.h"
#include <atomic>
#include <memory>
#include <span>
#include <vector>

namespace llmc {

class Call {
public:
  Call(std::shared_ptr<const Model> model, const EntryRef &entry);
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;

  const EntryInfo &info() const { return *entry_.info; }

  /// Runs the entry. The inputs, in its order, are checked against its
  /// signature first; `states` likewise has all of its states, those of one
  /// segment behind those of another where it takes segments. A failure leaves
  /// the outputs undefined.
  Status run(std::span<const LlmcTensor> inputs,
             std::span<LlmcState> states = {});
  /// Of the last successful run, in the entry's order; valid until the next.
  std::span<const LlmcTensor> outputs() const { return outputs_; }

  /// From any thread or a signal handler: the current or next run fails soon
  /// with "cancelled".
  void cancel() { cancelled_->store(true, std::memory_order_relaxed); }
  /// Several calls may have one flag. Not owned.
  void shareCancelFlag(std::atomic<bool> *flag) { cancelled_ = flag; }
  /// Reads these bytes, as many and 64-byte aligned, in place of a weight: one
  /// at a time. Null: the artifact's again. Not owned.
  void replaceWeight(uint32_t id, const void *bytes) {
    replaced_ = {id, bytes};
  }
  /// Null: no profile. Not owned.
  void setProfile(Profile *profile) { profile_ = profile; }

private:
  struct Failure {
    int32_t kind = LLMC_OK;
    int32_t site = -1;
    int64_t a = 0, b = 0, c = 0;
  };
  // The context comes first in Frame, so that the callbacks find their Call.
  struct Frame {
    LlmcContext context;
    Call *call;
  };
  static Call &of(LlmcContext *context) {
    return *reinterpret_cast<Frame *>(context)->call;
  }
  static void *arena(LlmcContext *, int64_t bytes);
  static void *output(LlmcContext *, int32_t index, int32_t rank,
                      const int64_t *dims);
  static void *item(LlmcContext *, int32_t index, int64_t position,
                    int32_t rank, const int64_t *dims);
  static const void *weight(LlmcContext *, int32_t id);
  static int32_t parallel(LlmcContext *, LlmcKernel, const int64_t *args,
                          int64_t count, int64_t grain, int32_t site,
                          int64_t flops, int64_t bytes);
  static void *alloc(LlmcContext *, int64_t bytes);
  static void release(LlmcContext *, void *);
  static int32_t fail(LlmcContext *, int32_t kind, int32_t site, int64_t a,
                      int64_t b, int64_t c);
  static int32_t poll(LlmcContext *);

  Status checkInputs(std::span<const LlmcTensor> inputs);
  Status checkInput(const TensorInfo &info, const LlmcTensor &tensor);
  Status checkSequence(const TensorInfo &info, const LlmcTensor &sequence);
  Status checkDims(const TensorInfo &info, const LlmcTensor &tensor);
  void *startSequence(size_t index, int64_t count);
  void record(const Failure &failure);
  Status describe(int32_t kind) const;

  std::shared_ptr<const Model> model_;
  EntryRef entry_;
  Frame frame_;
  std::vector<LlmcTensor> outputs_;
  std::vector<Buffer> outputBuffers_;
  std::vector<OutputSequence> outputSequences_; // of all outputs
  Buffer arena_;
  // A symbol's size, bound by the inputs of the current run: (first input that
  // has it is named in messages).
  struct Binding {
    const std::string *symbol;
    int64_t size;
  };
  std::vector<Binding> bindings_;
  BlockPool blocks_; // of alloc()
  Failure failure_;
  std::atomic<bool> ownFlag_ = false;
  std::atomic<bool> *cancelled_ = &ownFlag_;
  std::pair<uint32_t, const void *> replaced_ = {0, nullptr};
  Profile *profile_ = nullptr;
};

} // namespace llmc

#endif
