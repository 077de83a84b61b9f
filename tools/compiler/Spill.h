// SPDX-License-Identifier: Apache-2.0
// Tensors that a compilation computes and keeps in a file until its weights are
// written, so that memory holds the mapped model and a tensor at a time. The
// file has no name and goes with its last tensor. One thread adds; tensors may
// be read by many.
#pragma once

#include "ir/llm/Weights.h"

#include <memory>

namespace llmc::compiler {

class SpillFile {
public:
  /// In the folder for temporary files. Throws CompileError (resource).
  static std::shared_ptr<SpillFile> create();
  ~SpillFile();
  SpillFile(const SpillFile &) = delete;
  SpillFile &operator=(const SpillFile &) = delete;

  /// The tensor as the only one of a source. Throws CompileError (resource).
  static std::unique_ptr<llm::WeightSource>
  add(const std::shared_ptr<SpillFile> &file, mlir::RankedTensorType type,
      std::span<const std::byte> bytes, std::string name);

private:
  SpillFile() = default;
  int fd = -1;
  uint64_t end = 0;
};

} // namespace llmc::compiler
