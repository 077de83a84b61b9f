// SPDX-License-Identifier: Apache-2.0
// Runs a model's own signature on one sequence of tokens: embeddings, classes,
// masked words, the logits of every token. Caches are empty before it. One
// thread at a time.
#ifndef LLMC_RUNTIME_SESSION_ENCODER_H
#define LLMC_RUNTIME_SESSION_ENCODER_H

#include "runtime/session/Call.h"
#include "runtime/session/Feed.h"
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmc {

/// How the hidden states of a sequence, [1, n, size], become one vector.
enum class Pooling { Mean, First, Last, Max };

/// By its name in the manifest and on the command line.
std::optional<Pooling> poolingFromName(std::string_view name);

class Encoder {
public:
  /// Of the model of that name; of the first that takes tokens when it is
  /// empty.
  /// `caches` are its inputs that stand for caches, where no entry of the model
  /// that keeps them tells. Another `entry` has to have the same inputs.
  static Result<std::unique_ptr<Encoder>>
  create(std::shared_ptr<const Model> model, const std::string &name,
         std::span<const StateInfo> caches = {},
         std::string_view entry = "raw");

  /// Outputs in the entry's order, valid until the next call. `types` say of
  /// which text each token is; none: all of the first.
  Result<std::span<const LlmcTensor>> run(std::span<const int64_t> tokens,
                                          std::span<const int64_t> types = {});
  std::span<const LlmcTensor> outputs() const { return call_->outputs(); }
  /// The model's sentence embedding, or its hidden states pooled; of length one
  /// when `normalize`. What is not given is as the artifact says, which is the
  /// mean where it says nothing.
  Result<std::vector<float>> embed(std::span<const int64_t> tokens,
                                   std::optional<Pooling> pooling = {},
                                   std::optional<bool> normalize = {});

  const EntryInfo &info() const { return call_->info(); }
  const std::string &modelName() const { return entry_.model->name; }
  /// The entry of the same model that keeps its caches, or null.
  const EntryInfo *stateful() const;
  Call &call() { return *call_; }

private:
  Encoder() = default;
  EntryRef entry_; // of the model that call_ keeps
  std::unique_ptr<Call> call_;
  EmbeddingDefaults defaults_;
  Feed feed_;
};

} // namespace llmc

#endif
