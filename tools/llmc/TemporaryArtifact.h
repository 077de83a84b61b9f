// SPDX-License-Identifier: Apache-2.0
// A model compiled to a file that goes away with the object. Used by verbs that
// take a model where an artifact would do.
#ifndef LLMC_TOOLS_LLMC_TEMPORARYARTIFACT_H
#define LLMC_TOOLS_LLMC_TEMPORARYARTIFACT_H

#include "runtime/core/Status.h"
#include "tools/llmc/TemporaryFolder.h"
#include "tools/llmc/Verbs.h"
#include <memory>
#include <string>
#include <vector>

namespace llmc::cli {

class TemporaryArtifact {
public:
  /// Compiles `model`. Null: the compiler failed and has said why,
  /// shell.exitCode (and with --json the document) tell how.
  static Result<std::unique_ptr<TemporaryArtifact>>
  compile(const std::string &model, const std::vector<std::string> &options,
          Shell &shell);
  std::string path() const { return folder_->path() + "/model.llmc"; }

private:
  explicit TemporaryArtifact(std::unique_ptr<TemporaryFolder> folder)
      : folder_(std::move(folder)) {}
  std::unique_ptr<TemporaryFolder> folder_;
};

} // namespace llmc::cli

#endif
