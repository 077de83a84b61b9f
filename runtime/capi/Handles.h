// SPDX-License-Identifier: Apache-2.0
// What the opaque handles of llmc.h are, and how a call ends. For the C
// interface's own files; Use.h says how a call takes hold of a handle.
#ifndef LLMC_RUNTIME_CAPI_HANDLES_H
#define LLMC_RUNTIME_CAPI_HANDLES_H

#include "runtime/grammar/ConstraintSource.h"
#include "runtime/include/llmc/llmc.h"
#include "runtime/session/Chat.h"
#include "runtime/session/Encoder.h"
#include "runtime/session/GenerateOptions.h"
#include "runtime/session/Session.h"
#include "runtime/session/Transcriber.h"
#include "runtime/tasks/TextModel.h"
#include "runtime/text/Tokenizer.h"
#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace llmc::capi {

/// A model with its tokenizer and chat templates, which are read at first use:
/// runs on tensors need none.
struct Core {
  std::shared_ptr<const Model> model;
  std::string manifest;

  Result<std::shared_ptr<const text::Tokenizer>> tokenizer() const;
  Result<std::shared_ptr<const ChatTemplates>> chatTemplates() const;
  /// What the tokenizer's tokens add to a text.
  Result<std::shared_ptr<const grammar::TokenTexts>> tokenTexts() const;

private:
  mutable std::mutex lock_;
  mutable std::shared_ptr<const text::Tokenizer> tokenizer_;
  mutable std::shared_ptr<const ChatTemplates> chatTemplates_;
  mutable std::shared_ptr<const grammar::TokenTexts> tokenTexts_;
};

} // namespace llmc::capi

struct llmc_model {
  std::shared_ptr<const llmc::capi::Core> core;
};

struct llmc_session {
  std::shared_ptr<const llmc::capi::Core> core;
  std::string model;
  int64_t capacity = 0;
  std::atomic<bool> cancelled = false;
  // The thread whose call runs; nobody's: there is none.
  std::atomic<std::thread::id> user;

  // Made at first use.
  std::unique_ptr<llmc::Call> call;
  std::unique_ptr<llmc::Session> session;
  std::unique_ptr<llmc::Encoder> encoder;
  std::unique_ptr<llmc::TextModel> texts;
  std::unique_ptr<llmc::Transcriber> transcriber;
  std::vector<LlmcNamedTensor> outputs;
  // The last one, with what it has computed, and what it was made of: a source,
  // or a name in the artifact.
  std::shared_ptr<llmc::grammar::Constraint> constraint;
  llmc::grammar::ConstraintSource constraintSource;
  std::string constraintName;

  llmc::Status needCall(const char *entry);
  llmc::Status needSession();
  llmc::Status needEncoder();
  llmc::Status needConstraint(llmc::grammar::ConstraintKind kind,
                              const char *text);
  llmc::Status needStoredConstraint(const char *name);
  llmc::Status needTexts();
  llmc::Status needTranscriber();
};

namespace llmc::capi {

/// Remembers the failure for llmc_last_error.
LlmcStatus finish(const Status &status) noexcept;
LlmcStatus finish(LlmcStatus status, const char *what) noexcept;

/// Runs a call's body; no exception leaves it.
template <typename F> LlmcStatus guard(F body) noexcept {
  try {
    return finish(body());
  } catch (const std::bad_alloc &) {
    return finish(LLMC_STATUS_RESOURCE, "out of memory");
  } catch (const std::exception &e) {
    return finish(LLMC_STATUS_INTERNAL, e.what());
  } catch (...) {
    return finish(LLMC_STATUS_INTERNAL, "unknown exception");
  }
}

} // namespace llmc::capi

#endif
