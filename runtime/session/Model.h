// SPDX-License-Identifier: Apache-2.0
// An artifact ready to run: its code is loaded and its threads are up. Shared
// by the sessions and calls that run it, on any threads.
#ifndef LLMC_RUNTIME_SESSION_MODEL_H
#define LLMC_RUNTIME_SESSION_MODEL_H

#include "runtime/core/ThreadPool.h"
#include "runtime/device/cpu/CodeObject.h"
#include "runtime/model/Artifact.h"
#include <memory>
#include <string>
#include <string_view>

namespace llmc {

struct ModelOptions {
  int threads = 0;      // 0: defaultThreads()
  std::string isa = {}; // a code object's target; empty: the best for this CPU
  bool checkWeights = false; // read and verify all weights on opening
};

/// One entry of one model. Points into its Model.
struct EntryRef {
  const ModelInfo *model = nullptr;
  const EntryInfo *info = nullptr;
  LlmcEntry function = nullptr;
};

class Model {
public:
  static Result<std::shared_ptr<const Model>> open(const std::string &path,
                                                   const ModelOptions &options);

  const Artifact &artifact() const { return *artifact_; }
  const Manifest &manifest() const { return artifact_->manifest(); }
  const std::string &target() const { return code_->target(); }
  ThreadPool &pool() const { return *pool_; }

  /// An entry by name; of the model of that name, or of the first that has the
  /// entry when `model` is empty.
  Result<EntryRef> entry(std::string_view model, std::string_view entry) const;
  bool hasEntry(std::string_view model, std::string_view entry) const;

private:
  Model() = default;
  EntryRef find(std::string_view model, std::string_view entry) const;

  std::shared_ptr<const Artifact> artifact_;
  std::shared_ptr<const CodeObject> code_;
  std::unique_ptr<ThreadPool> pool_;
};

} // namespace llmc

#endif
