// SPDX-License-Identifier: Apache-2.0
#include "runtime/capi/Use.h"
#include <fmt/format.h>

namespace llmc::capi {

Status checkArguments(const char *function,
                      std::initializer_list<Argument> arguments) {
  for (const Argument &argument : arguments)
    if (!argument.pointer && !argument.optional)
      return Status(Code::BadInput,
                    fmt::format("{}: '{}' is null", function, argument.name));
  return Status();
}

template <typename T>
static Result<std::shared_ptr<T>> findLive(const T *handle, const char *kind,
                                           const char *function) {
  if (!handle)
    return Status(Code::BadInput,
                  fmt::format("{}: the {} is null", function, kind));
  if (auto live = Registry<T>::instance().find(handle))
    return live;
  return Status(Code::BadInput,
                fmt::format("{}: the {} is not open: it was freed, or never "
                            "made",
                            function, kind));
}

Result<std::shared_ptr<const llmc_model>> useModel(const llmc_model *handle,
                                                   const char *function) {
  auto live = findLive(handle, "model", function);
  if (!live)
    return live.takeStatus();
  return std::shared_ptr<const llmc_model>(std::move(*live));
}

Result<SessionUse> SessionUse::begin(const llmc_session *handle,
                                     const char *function) {
  auto live = findLive(handle, "session", function);
  if (!live)
    return live.takeStatus();
  std::thread::id user;
  if ((*live)->user.compare_exchange_strong(user, std::this_thread::get_id(),
                                            std::memory_order_acquire))
    return SessionUse(std::move(*live));
  return Status(Code::BadInput,
                fmt::format("{}: the session is in use by {}", function,
                            user == std::this_thread::get_id()
                                ? "the call whose callback this is"
                                : "another thread"));
}

} // namespace llmc::capi
