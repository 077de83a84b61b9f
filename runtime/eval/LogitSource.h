// SPDX-License-Identifier: Apache-2.0
// The logits of every token of a piece of text, as generation would have them:
// in one run of the model's own signature where that computes the same, else
// token by token with the caches that the runtime keeps. One thread at a time.
#ifndef LLMC_RUNTIME_EVAL_LOGITSOURCE_H
#define LLMC_RUNTIME_EVAL_LOGITSOURCE_H

#include "runtime/session/Encoder.h"
#include "runtime/session/Session.h"
#include <memory>
#include <span>
#include <string>

namespace llmc::eval {

/// [count, vocabulary], valid until the source's next run.
struct LogitRows {
  const float *data = nullptr;
  size_t count = 0;
  size_t vocabulary = 0;

  std::span<const float> row(size_t i) const {
    return {data + i * vocabulary, vocabulary};
  }
};

class LogitSource {
public:
  /// Of the model of that name, the first that takes tokens when it is empty;
  /// for pieces of at most `longest` tokens. `caches` as Encoder has it.
  static Result<std::unique_ptr<LogitSource>>
  create(std::shared_ptr<const Model> model, const std::string &name,
         size_t longest, std::span<const StateInfo> caches = {});

  /// Of a text that begins with these tokens (at least one).
  Result<LogitRows> run(std::span<const int64_t> tokens);

  /// Where the model's type fixes it.
  std::optional<int64_t> vocabulary() const { return vocabulary_; }
  /// Whether it goes token by token: the caches that the runtime keeps differ
  /// in type from the model's own.
  bool goesByTokens() const { return session_ != nullptr; }

private:
  LogitSource() = default;
  Result<LogitRows> runWhole(std::span<const int64_t> tokens);
  Result<LogitRows> runSteps(std::span<const int64_t> tokens);

  std::string file_; // for messages
  std::optional<int64_t> vocabulary_;
  std::unique_ptr<Encoder> encoder_; // one of the two
  std::unique_ptr<Session> session_;
  Buffer rows_; // of steps, or of logits that are not f32
};

} // namespace llmc::eval

#endif
