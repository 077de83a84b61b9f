// SPDX-License-Identifier: Apache-2.0
// A folder for files of a run, which goes with the object and takes what is in
// it along. Used by the tools and the compiler.
#ifndef LLMC_TOOLS_LLMC_TEMPORARYFOLDER_H
#define LLMC_TOOLS_LLMC_TEMPORARYFOLDER_H

#include "runtime/core/Status.h"
#include <memory>
#include <string>

namespace llmc::cli {

class TemporaryFolder {
public:
  /// Resource where there is no place for one.
  static Result<std::unique_ptr<TemporaryFolder>> create();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  const std::string &path() const { return path_; }

private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

} // namespace llmc::cli

#endif
