// SPDX-License-Identifier: Apache-2.0
// Generation as an iterator: a thread runs the callback's loop and hands over
// what it makes through a short queue.
#include "bindings/python/native/Bindings.h"
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <thread>

namespace llmc::python {

namespace {

/// An LlmcGenerated with the memory that it points into.
struct Event {
  LlmcGenerated made;
  std::string text;
  std::vector<LlmcTokenLogprob> likeliest;
};

/// One generation. next() and close() are for one Python thread at a time; the
/// GIL is never held while they wait.
class Generation {
public:
  Generation(std::shared_ptr<Session> session, std::string prompt,
             const nb::dict &given)
      : session_(std::move(session)), prompt_(std::move(prompt)),
        settings_(settingsFrom(given)), thread_([this] { work(); }) {}
  ~Generation() { close(); }

  /// The next token or the end of a text; None after the last one.
  nb::object next() {
    std::optional<Event> event;
    for (bool isOver = false; !event && !isOver;) {
      {
        nb::gil_scoped_release released;
        isOver = fetch(event);
      }
      if (!event && PyErr_CheckSignals() != 0)
        throw nb::python_error();
    }
    return event ? tupleOf(*event) : nb::none();
  }

  /// Ends it soon, and waits for that. What was made and not fetched is lost.
  void close() {
    {
      std::lock_guard<std::mutex> lock(lock_);
      isClosing_ = true;
      queue_.clear();
      // A prompt may take long before the callback is asked. The session is
      // this generation's own, so that the wish meets no later call.
      if (!isDone_)
        session_->session.cancel();
    }
    changed_.notify_all();
    if (thread_.joinable())
      thread_.join();
    failure_ = nullptr;
  }

  std::optional<LlmcGenerateResult> result() {
    std::lock_guard<std::mutex> lock(lock_);
    return isDone_ ? result_ : std::nullopt;
  }

private:
  static constexpr size_t most = 64; // events that wait to be fetched
  static constexpr std::chrono::milliseconds signalInterval{50};

  void work() noexcept {
    std::exception_ptr failure;
    std::optional<LlmcGenerateResult> result;
    try {
      result = session_->session.generate(
          prompt_, [this](const LlmcGenerated &made) { return put(made); },
          settings_->options);
    } catch (...) {
      failure = std::current_exception();
    }
    std::lock_guard<std::mutex> lock(lock_);
    failure_ = isClosing_ ? nullptr : failure;
    result_ = result;
    isDone_ = true;
    changed_.notify_all();
  }

  /// Waits a little for an event. Whether there will be none any more.
  bool fetch(std::optional<Event> &event) {
    std::unique_lock<std::mutex> lock(lock_);
    changed_.wait_for(lock, signalInterval,
                      [&] { return !queue_.empty() || isDone_; });
    if (queue_.empty()) {
      if (std::exception_ptr failure = std::exchange(failure_, nullptr))
        std::rethrow_exception(failure);
      return isDone_;
    }
    event = std::move(queue_.front());
    queue_.pop_front();
    changed_.notify_all();
    return false;
  }

  bool put(const LlmcGenerated &made) {
    Event event = {made,
                   std::string(made.text, made.length),
                   {made.likeliest, made.likeliest + made.likeliest_count}};
    std::unique_lock<std::mutex> lock(lock_);
    changed_.wait(lock, [&] { return queue_.size() < most || isClosing_; });
    if (isClosing_)
      return false;
    queue_.push_back(std::move(event));
    changed_.notify_all();
    return true;
  }

  /// sequence, token, text, logprob, likeliest, finish, score
  static nb::object tupleOf(const Event &event) {
    nb::list likeliest;
    for (const LlmcTokenLogprob &token : event.likeliest)
      likeliest.append(nb::make_tuple(token.token, token.logprob));
    const LlmcGenerated &made = event.made;
    return nb::make_tuple(made.sequence, made.token, event.text, made.logprob,
                          likeliest, static_cast<int>(made.finish), made.score);
  }

  std::shared_ptr<Session> session_;
  std::string prompt_;
  std::unique_ptr<GenerateSettings> settings_;
  std::mutex lock_; // of what follows
  std::condition_variable changed_;
  std::deque<Event> queue_;
  bool isClosing_ = false, isDone_ = false;
  std::exception_ptr failure_;
  std::optional<LlmcGenerateResult> result_;
  std::thread thread_; // the last member: it uses all others
};

} // namespace

/// prompt_tokens, tokens, prefill_seconds, decode_seconds; None while it runs.
static nb::object resultOf(Generation &generation) {
  auto result = generation.result();
  if (!result)
    return nb::none();
  return nb::make_tuple(result->prompt_tokens, result->tokens,
                        result->prefill_seconds, result->decode_seconds);
}

void bindGeneration(nb::module_ &module) {
  nb::class_<Generation>(module, "Generation")
      .def(nb::init<std::shared_ptr<Session>, std::string, nb::dict>(),
           nb::arg("session"), nb::arg("prompt"), nb::arg("settings"))
      .def("next", &Generation::next,
           nb::sig("def next(self) -> tuple[int, int, str, float, "
                   "list[tuple[int, float]], int, float] | None"))
      .def("close", &Generation::close,
           nb::call_guard<nb::gil_scoped_release>())
      .def("result", &resultOf,
           nb::sig("def result(self) -> tuple[int, int, float, float] | None"));
}

} // namespace llmc::python
