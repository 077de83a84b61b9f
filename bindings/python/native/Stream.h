// SPDX-License-Identifier: Apache-2.0
// What a session makes, as an iterator: a thread runs the call with its
// callback and hands over what that gets through a short queue. next() and
// close() are for one Python thread at a time; the GIL is never held while they
// wait.
#ifndef LLMC_BINDINGS_PYTHON_NATIVE_STREAM_H
#define LLMC_BINDINGS_PYTHON_NATIVE_STREAM_H

#include "bindings/python/native/Bindings.h"
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace llmc::python {

/// `Event` owns what it holds; `Result` is what the call returns at its end.
template <typename Event, typename Result> class Stream {
public:
  /// Hands over an event. False: nobody wants more.
  using Put = std::function<bool(Event)>;
  /// Runs the call on the session, in a thread without the GIL.
  using Run = std::function<Result(api::Session &session, const Put &put)>;

  /// The session is this stream's own.
  Stream(std::shared_ptr<Session> session, Run run)
      : session_(std::move(session)), run_(std::move(run)),
        thread_([this] { work(); }) {}
  Stream(const Stream &) = delete;
  ~Stream() { close(); }

  /// The next event; none after the last one. Raises what the call failed with.
  std::optional<Event> next() {
    std::optional<Event> event;
    for (bool isOver = false; !event && !isOver;) {
      {
        nb::gil_scoped_release released;
        isOver = fetch(event);
      }
      if (!event && PyErr_CheckSignals() != 0)
        throw nb::python_error();
    }
    return event;
  }

  /// Ends it soon, and waits for that. What was made and not fetched is lost.
  void close() {
    {
      std::lock_guard<std::mutex> lock(lock_);
      isClosing_ = true;
      queue_.clear();
      // A call may take long before its callback is asked. The session is this
      // stream's own, so that the wish meets no later call.
      if (!isDone_)
        session_->session.cancel();
    }
    changed_.notify_all();
    if (thread_.joinable())
      thread_.join();
    failure_ = nullptr;
  }

  /// None while it runs, and when it failed.
  std::optional<Result> result() {
    std::lock_guard<std::mutex> lock(lock_);
    return isDone_ ? result_ : std::nullopt;
  }

private:
  static constexpr size_t most = 64; // events that wait to be fetched
  static constexpr std::chrono::milliseconds signalInterval{50};

  void work() noexcept {
    std::exception_ptr failure;
    std::optional<Result> result;
    try {
      result = run_(session_->session,
                    [this](Event event) { return put(std::move(event)); });
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

  bool put(Event event) {
    std::unique_lock<std::mutex> lock(lock_);
    changed_.wait(lock, [&] { return queue_.size() < most || isClosing_; });
    if (isClosing_)
      return false;
    queue_.push_back(std::move(event));
    changed_.notify_all();
    return true;
  }

  std::shared_ptr<Session> session_;
  Run run_;
  std::mutex lock_; // of what follows
  std::condition_variable changed_;
  std::deque<Event> queue_;
  bool isClosing_ = false, isDone_ = false;
  std::exception_ptr failure_;
  std::optional<Result> result_;
  std::thread thread_; // the last member: it uses all others
};

} // namespace llmc::python

#endif
