// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Scheduler.h"
#include "runtime/session/Roles.h"
#include <algorithm>
#include <atomic>
#include <fmt/format.h>

namespace llmc {

using Clock = std::chrono::steady_clock;

static double secondsBetween(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

struct Scheduler::Request {
  std::vector<int64_t> prompt;
  GenerateOptions options; // completed
  OnToken onToken;
  OnEnd onEnd;
  uint64_t number = 0;
  int64_t capacity = 0; // positions of a text's caches
  uint64_t bytes = 0;   // of these
  std::atomic<bool> cancelled = false;
  int64_t started = 0; // texts that run or have ended
  int64_t ended = 0;   // texts
  bool isOver = false; // nothing is told any more
  GenerateResult result;
  TimeLimit limit{0};
  Clock::time_point submitted = Clock::now();
  std::optional<Clock::time_point> firstToken;
};

struct Scheduler::Sequence {
  std::shared_ptr<Request> request;
  States states;
  TextMaker text;
  int64_t length = 0;          // positions that the caches hold
  std::vector<int64_t> tokens; // of the step at hand
  size_t proposed = 0;         // the last so many of these
  bool isOver = false;

  int64_t promptLeft() const {
    return static_cast<int64_t>(request->prompt.size()) - length;
  }
};

Scheduler::~Scheduler() {
  for (auto &[number, request] : requests_)
    request->cancelled = true;
  dropCancelled();
}

static Status checkOptions(const SchedulerOptions &options) {
  constexpr int64_t most = 4096, mostTokens = 1 << 20;
  if (options.sequences < 1 || options.sequences > most)
    return Status(Code::BadInput,
                  fmt::format("{} sequences at the same time: must be between "
                              "1 and {}",
                              options.sequences, most));
  if (options.lookup)
    if (Status status = checkSpeculation(options.lookup); !status)
      return status;
  // Half of a step is for prompts, however many sequences decode.
  int64_t least = 2 * options.sequences * (1 + options.lookup);
  if (options.stepTokens < least || options.stepTokens > mostTokens)
    return Status(Code::BadInput,
                  fmt::format("{} tokens in a step: must be between {} and {}",
                              options.stepTokens, least, mostTokens));
  return Status();
}

Result<std::unique_ptr<Scheduler>>
Scheduler::create(std::shared_ptr<const Model> model,
                  std::shared_ptr<const text::Tokenizer> tokenizer,
                  const SchedulerOptions &options) {
  if (Status status = checkOptions(options); !status)
    return status;
  std::unique_ptr<Scheduler> scheduler(new Scheduler);
  auto shared = SharedStep::create(model, options.model);
  if (!shared)
    return shared.takeStatus();
  auto vocabulary = vocabularySize((*shared)->info());
  if (!vocabulary)
    return Status(Code::Unsupported,
                  "cannot batch: the model's vocabulary has no fixed size");
  scheduler->vocabulary_ = static_cast<size_t>(*vocabulary);
  scheduler->shared_ = std::move(*shared);
  scheduler->model_ = std::move(model);
  scheduler->tokenizer_ = std::move(tokenizer);
  scheduler->options_ = options;
  if (!options.stateBytes)
    scheduler->options_.stateBytes = memoryLimit() / 2;
  return scheduler;
}

/// What could never run is refused at once.
Status Scheduler::check(const Request &request) const {
  if (*request.options.beams > 1)
    return Status(Code::Unsupported,
                  "a beam search does not run beside other requests");
  for (int64_t token : request.prompt)
    if (token >= static_cast<int64_t>(vocabulary_))
      return Status(Code::BadInput,
                    fmt::format("token {} of the prompt: the vocabulary has {}",
                                token, vocabulary_));
  auto length = static_cast<int64_t>(request.prompt.size());
  if (length > request.capacity)
    return Status(Code::Resource,
                  fmt::format("the context is full: {} positions are needed, "
                              "{} are there",
                              length, request.capacity));
  if (request.bytes > options_.stateBytes)
    return Status(Code::Resource,
                  fmt::format("caches of {} positions take {} bytes, all "
                              "requests have {}",
                              request.capacity, request.bytes,
                              options_.stateBytes));
  return Status();
}

Result<uint64_t> Scheduler::submit(std::string_view prompt,
                                   const GenerateOptions &options,
                                   OnToken onToken, OnEnd onEnd) {
  const GenerationDefaults &defaults = model_->manifest().generation;
  auto tokens = encodePrompt(defaults, *tokenizer_, prompt, options.addSpecial);
  if (!tokens)
    return tokens.takeStatus();
  auto length = static_cast<int64_t>(tokens->size());
  auto completed = complete(options, defaults, length);
  if (!completed)
    return completed.takeStatus();
  if (Status status = checkTokens(options, vocabulary_); !status)
    return status;
  if (Status status = checkForced(*completed, vocabulary_); !status)
    return status;
  auto request = std::make_shared<Request>();
  request->prompt = std::move(*tokens);
  request->options = std::move(*completed);
  request->onToken = std::move(onToken);
  request->onEnd = std::move(onEnd);
  request->limit = TimeLimit(options.timeLimit);
  request->result.promptTokens = length;
  request->capacity = length + *request->options.maxTokens;
  if (int64_t context = defaults.contextLength.value_or(0); context > 0)
    request->capacity = std::min(request->capacity, context);
  auto bytes = States::bytesOf(shared_->info(), request->capacity);
  if (!bytes)
    return bytes.takeStatus();
  request->bytes = *bytes;
  if (Status status = check(*request); !status)
    return status;
  std::lock_guard lock(mutex_);
  request->number = ++lastRequest_;
  queue_.push_back(request);
  requests_.emplace(request->number, request);
  return request->number;
}

void Scheduler::cancel(uint64_t request) {
  std::lock_guard lock(mutex_);
  if (auto found = requests_.find(request); found != requests_.end())
    found->second->cancelled.store(true, std::memory_order_relaxed);
}

void Scheduler::dropCancelled() {
  std::vector<std::shared_ptr<Request>> cancelled;
  {
    std::lock_guard lock(mutex_);
    for (auto &[number, request] : requests_)
      if (request->cancelled.load(std::memory_order_relaxed))
        cancelled.push_back(request);
  }
  for (const auto &request : cancelled)
    end(request, Status(Code::Resource, "cancelled"));
}

std::shared_ptr<Scheduler::Request> Scheduler::firstWaiting() const {
  std::lock_guard lock(mutex_);
  return queue_.empty() ? nullptr : queue_.front();
}

/// Texts of the first requests, as far as there is room.
void Scheduler::start() {
  while (auto request = firstWaiting()) {
    bool fits = static_cast<int64_t>(running_.size()) < options_.sequences &&
                request->bytes <= options_.stateBytes - counts_.stateBytes;
    if (!fits)
      break;
    if (Status status = startSequence(request); !status)
      end(request, status);
  }
}

Status Scheduler::startSequence(const std::shared_ptr<Request> &request) {
  auto states = States::create(shared_->info(), request->capacity);
  if (!states)
    return states.takeStatus();
  int64_t number = request->started++;
  running_.push_back(
      {request,
       std::move(*states),
       TextMaker(*tokenizer_, request->options, request->onToken,
                 request->prompt, number, request->capacity, request->limit),
       0,
       {}});
  counts_.stateBytes += request->bytes;
  std::lock_guard lock(mutex_);
  if (request->started == *request->options.sequences)
    queue_.pop_front();
  return Status();
}

void Scheduler::addPart(Sequence &sequence, size_t rows) {
  budget_ -= static_cast<int64_t>(sequence.tokens.size());
  parts_.push_back(
      {&sequence.states, {sequence.tokens, sequence.length}, rows});
  sequences_.push_back(&sequence);
}

/// The last token of a text and what may follow it.
Status Scheduler::addDecode(Sequence &sequence) {
  sequence.tokens.assign(1, sequence.text.tokens().back());
  int64_t most = std::min(options_.lookup, sequence.text.room() - 1);
  if (most > 0) {
    auto proposed = drafter_.propose(sequence.text, static_cast<size_t>(most));
    if (!proposed)
      return proposed.takeStatus();
    sequence.tokens.insert(sequence.tokens.end(), proposed->begin(),
                           proposed->end());
  }
  sequence.proposed = sequence.tokens.size() - 1;
  counts_.speculation.proposed += static_cast<int64_t>(sequence.proposed);
  addPart(sequence, sequence.tokens.size());
  return Status();
}

/// Every text goes on; prompts get what is left, in their order.
Status Scheduler::makeParts() {
  parts_.clear(), sequences_.clear();
  budget_ = options_.stepTokens;
  for (Sequence &sequence : running_)
    if (sequence.promptLeft() <= 0)
      if (Status status = addDecode(sequence); !status)
        return status;
  for (Sequence &sequence : running_) {
    int64_t count = std::min(sequence.promptLeft(), budget_);
    if (count <= 0)
      continue;
    auto begin = sequence.request->prompt.begin() + sequence.length;
    sequence.tokens.assign(begin, begin + count);
    sequence.proposed = 0;
    addPart(sequence, count == sequence.promptLeft() ? 1 : 0);
  }
  return Status();
}

Result<bool> Scheduler::step() {
  dropCancelled();
  removeEnded();
  start();
  removeEnded();
  if (running_.empty())
    return firstWaiting() != nullptr;
  Status status = makeParts();
  if (status)
    status = shared_->run(parts_);
  if (!status) {
    failAll(status);
    return status;
  }
  ++counts_.steps;
  counts_.stepTokens += options_.stepTokens - budget_;
  takeTokens();
  return true;
}

void Scheduler::takeTokens() {
  size_t row = 0;
  for (size_t i = 0; i < parts_.size(); ++i) {
    Sequence &sequence = *sequences_[i];
    sequence.length += static_cast<int64_t>(sequence.tokens.size());
    size_t firstRow = row;
    row += parts_[i].rows;
    if (parts_[i].rows == 0 || sequence.request->isOver)
      continue;
    auto finish = take(sequence, firstRow);
    if (!finish)
      end(sequence.request, finish.takeStatus());
    else if (*finish != Finish::None)
      end(sequence, *finish);
  }
  removeEnded();
}

void Scheduler::removeEnded() {
  running_.remove_if([&](const Sequence &sequence) {
    bool isOver = sequence.request->isOver || sequence.isOver;
    if (isOver)
      counts_.stateBytes -= sequence.request->bytes;
    return isOver;
  });
}

Result<Finish> Scheduler::take(Sequence &sequence, size_t firstRow) {
  Request &request = *sequence.request;
  if (!request.firstToken) {
    request.firstToken = Clock::now();
    request.result.prefillSeconds =
        secondsBetween(request.submitted, *request.firstToken);
  }
  std::span<const int64_t> proposed =
      std::span(sequence.tokens).last(sequence.proposed);
  int64_t before = sequence.text.made();
  int64_t first = sequence.length - static_cast<int64_t>(proposed.size());
  size_t accepted = 0;
  auto finish = takeProposed(
      sequence.text, proposed,
      [&](size_t i) {
        return shared_->logits(firstRow + i,
                               first + static_cast<int64_t>(i) - 1);
      },
      accepted);
  sequence.length = first + static_cast<int64_t>(accepted);
  counts_.speculation.accepted += static_cast<int64_t>(accepted);
  request.result.speculation.proposed += static_cast<int64_t>(proposed.size());
  request.result.speculation.accepted += static_cast<int64_t>(accepted);
  request.result.tokens += sequence.text.made() - before;
  ++request.result.steps;
  return finish;
}

void Scheduler::end(Sequence &sequence, Finish finish) {
  Request &request = *sequence.request;
  sequence.isOver = true;
  bool isLast = ++request.ended == *request.options.sequences;
  if (isLast || finish == Finish::Caller)
    end(sequence.request, Status());
}

/// Nothing of the request runs or waits any more. What runs is taken out once
/// the step is over.
void Scheduler::end(const std::shared_ptr<Request> &request,
                    const Status &status) {
  {
    std::lock_guard lock(mutex_);
    std::erase(queue_, request);
    requests_.erase(request->number);
  }
  request->isOver = true;
  GenerateResult &result = request->result;
  if (request->firstToken)
    result.decodeSeconds = secondsBetween(*request->firstToken, Clock::now());
  request->onEnd(request->number,
                 status ? Result<GenerateResult>(result)
                        : Result<GenerateResult>(Error(status.error())));
}

void Scheduler::failAll(const Status &status) {
  for (Sequence &sequence : running_)
    if (!sequence.request->isOver)
      end(sequence.request, status);
  running_.clear();
  counts_.stateBytes = 0;
}

Scheduler::Counts Scheduler::counts() const {
  Counts counts = counts_;
  counts.running = running_.size();
  std::lock_guard lock(mutex_);
  for (const auto &request : queue_)
    counts.waiting +=
        static_cast<size_t>(*request->options.sequences - request->started);
  return counts;
}

} // namespace llmc
