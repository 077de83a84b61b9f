// SPDX-License-Identifier: Apache-2.0
// Continuous batching: generates for many requests at once, which join and
// leave between steps (Yu et al.: Orca, 2022). A step decodes every running
// sequence and reads pieces of new prompts with what is left of its tokens, so
// that a long prompt does not hold up the others (Agrawal et al.: Sarathi,
// 2023). Requests start in their order; one whose caches do not fit yet waits,
// and nothing overtakes it. A request's text is the same as alone.
//
// submit() and cancel() may be called from any thread, callbacks included;
// everything else by one thread at a time. Callbacks run inside step().
#ifndef LLMC_RUNTIME_SESSION_SCHEDULER_H
#define LLMC_RUNTIME_SESSION_SCHEDULER_H

#include "runtime/session/Generator.h"
#include "runtime/session/SharedStep.h"
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>

namespace llmc {

struct SchedulerOptions {
  std::string model = {};   // empty: the first with the entry
  int64_t sequences = 16;   // that run at the same time, at most
  int64_t stepTokens = 256; // of a step, at most; at least twice `sequences`
  uint64_t stateBytes = 0; // of all caches; 0: half of what the process may use
  int64_t lookup = 0; // tokens that prompt lookup proposes at once; 0: none
};

/// How request `number` ended, once all its texts have: a failure, "cancelled"
/// (Resource) among them, or what it took. Its prefill is the time from the
/// submission to the first token.
using OnEnd =
    std::function<void(uint64_t number, const Result<GenerateResult> &)>;

class Scheduler {
public:
  /// Unsupported where the model has no entry `step`.
  static Result<std::unique_ptr<Scheduler>>
  create(std::shared_ptr<const Model> model,
         std::shared_ptr<const text::Tokenizer> tokenizer,
         const SchedulerOptions &options);
  /// What has not ended does, as cancelled.
  ~Scheduler();

  /// Puts a request at the end of the queue. Refuses what could never run:
  /// settings, a beam search, a prompt or caches that are too large. Returns
  /// the request's number.
  Result<uint64_t> submit(std::string_view prompt,
                          const GenerateOptions &options, OnToken onToken,
                          OnEnd onEnd);
  /// The request ends at the next step, as cancelled; one that is not there any
  /// more is none.
  void cancel(uint64_t request);

  /// One step of all that runs, with what may start before it. A failure that
  /// is not one request's fault ends all that run with it and is returned; the
  /// scheduler is usable after it. False: there is nothing to do.
  Result<bool> step();

  /// Null: no profile. Not owned.
  void setProfile(Profile *profile) { shared_->setProfile(profile); }

  struct Counts {
    size_t waiting = 0, running = 0; // sequences
    uint64_t stateBytes = 0;         // reserved by those that run
    int64_t steps = 0;
    int64_t stepTokens = 0; // of all steps
    SpeculationCounts speculation;
  };
  Counts counts() const;

private:
  struct Request;
  struct Sequence;
  Scheduler() = default;

  Status check(const Request &request) const;
  std::shared_ptr<Request> firstWaiting() const;
  void dropCancelled();
  void start();
  Status startSequence(const std::shared_ptr<Request> &request);
  Status makeParts();
  Status addDecode(Sequence &sequence);
  void addPart(Sequence &sequence, size_t rows);
  void takeTokens();
  void removeEnded();
  Result<Finish> take(Sequence &sequence, size_t firstRow);
  void end(Sequence &sequence, Finish finish);
  void end(const std::shared_ptr<Request> &request, const Status &status);
  void failAll(const Status &status);

  std::shared_ptr<const Model> model_;
  std::shared_ptr<const text::Tokenizer> tokenizer_;
  SchedulerOptions options_;
  std::unique_ptr<SharedStep> shared_;
  size_t vocabulary_ = 0;
  NgramDrafter drafter_;

  mutable std::mutex mutex_; // of the queue and of requests_
  std::deque<std::shared_ptr<Request>> queue_;
  std::map<uint64_t, std::shared_ptr<Request>> requests_; // that have not ended
  uint64_t lastRequest_ = 0;

  std::list<Sequence> running_; // in the order of their start
  std::vector<StepPart> parts_;
  std::vector<Sequence *> sequences_; // of the parts
  int64_t budget_ = 0;                // tokens that the step at hand has left
  Counts counts_;
};

} // namespace llmc

#endif
