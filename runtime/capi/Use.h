// SPDX-License-Identifier: Apache-2.0
// How a call of llmc.h takes hold of its handles: null ones, ones that are
// freed and sessions that another call uses are errors with a message. For the
// C interface's own files; all of it may be called from any thread.
#ifndef LLMC_RUNTIME_CAPI_USE_H
#define LLMC_RUNTIME_CAPI_USE_H

#include "runtime/capi/Handles.h"
#include <initializer_list>
#include <unordered_map>

namespace llmc::capi {

/// The live handles of one kind. A handle that is freed is kept for as long as
/// a call that has found it runs.
template <typename T> class Registry {
public:
  /// Never destroyed: a program may free handles in destructors of its own
  /// static objects.
  static Registry &instance() {
    static auto *registry = new Registry;
    return *registry;
  }

  T *add(std::shared_ptr<T> object) {
    std::lock_guard<std::mutex> lock(lock_);
    T *handle = object.get();
    live_.emplace(handle, std::move(object));
    return handle;
  }
  std::shared_ptr<T> find(const T *handle) const {
    std::lock_guard<std::mutex> lock(lock_);
    auto found = live_.find(handle);
    return found == live_.end() ? nullptr : found->second;
  }
  /// What is returned is destroyed by the caller, outside of the lock.
  std::shared_ptr<T> remove(const T *handle) {
    std::lock_guard<std::mutex> lock(lock_);
    auto node = live_.extract(handle);
    return node ? std::move(node.mapped()) : nullptr;
  }

private:
  mutable std::mutex lock_;
  std::unordered_map<const T *, std::shared_ptr<T>> live_;
};

/// A pointer that a call needs, unless `optional`.
struct Argument {
  const char *name;
  const void *pointer;
  bool optional = false;
};

/// The first argument that is null is named.
Status checkArguments(const char *function,
                      std::initializer_list<Argument> arguments);

/// The model, alive during the call.
Result<std::shared_ptr<const llmc_model>> useModel(const llmc_model *handle,
                                                   const char *function);

/// A session that is alive during the call and that no other call uses.
class SessionUse {
public:
  static Result<SessionUse> begin(const llmc_session *handle,
                                  const char *function);
  SessionUse(SessionUse &&) = default;
  SessionUse &operator=(SessionUse &&) = delete;
  ~SessionUse() {
    if (session_)
      session_->user.store(std::thread::id(), std::memory_order_release);
  }

private:
  explicit SessionUse(std::shared_ptr<llmc_session> session)
      : session_(std::move(session)) {}
  std::shared_ptr<llmc_session> session_;
};

/// The body of a call on a model, which it may use as long as it runs.
template <typename F>
LlmcStatus onModel(const llmc_model *model, const char *function,
                   F body) noexcept {
  return guard([&]() -> Status {
    auto use = useModel(model, function);
    return use ? body() : use.takeStatus();
  });
}

/// The body of a call on a session, which it has for itself as long as it runs.
template <typename F>
LlmcStatus onSession(const llmc_session *session, const char *function,
                     F body) noexcept {
  return guard([&]() -> Status {
    auto use = SessionUse::begin(session, function);
    return use ? body() : use.takeStatus();
  });
}

} // namespace llmc::capi

#endif
