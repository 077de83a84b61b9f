// SPDX-License-Identifier: Apache-2.0
// The native code of an artifact, loaded into this process. Shared by sessions;
// immutable, so any thread may use it.
#ifndef LLMC_RUNTIME_DEVICE_CPU_CODEOBJECT_H
#define LLMC_RUNTIME_DEVICE_CPU_CODEOBJECT_H

#include "runtime/core/Status.h"
#include "runtime/include/llmc/abi.h"
#include "runtime/model/Artifact.h"
#include <memory>
#include <string>
#include <string_view>

namespace llmc {

/// Features of a code object that this CPU lacks, comma-separated; empty if it
/// runs here.
std::string missingFeatures(const CodeInfo &code);

/// The code object to run: the one whose target is `isa`, or, when that is
/// empty, the highest rank that fits this CPU.
Result<const CodeInfo *> chooseCode(const Manifest &manifest,
                                    std::string_view isa);

class CodeObject {
public:
  /// Loads from sealed anonymous memory: needs no writable file system, and
  /// what was checked is what runs.
  static Result<std::shared_ptr<const CodeObject>>
  load(const Artifact &artifact, const CodeInfo &code);
  ~CodeObject();
  CodeObject(const CodeObject &) = delete;
  CodeObject &operator=(const CodeObject &) = delete;

  const std::string &target() const { return target_; }
  /// An entry of the manifest: models in order, each model's entries in order.
  LlmcEntry entry(size_t index) const { return module_->entry[index]; }

private:
  CodeObject() = default;
  Status open(Artifact::Bytes object);
  Status check(const Manifest &manifest);

  std::string target_;
  int fd_ =
      -1; // open as long as the library: its path must not be given to another
  void *library_ = nullptr;
  const LlmcModule *module_ = nullptr;
};

} // namespace llmc

#endif
