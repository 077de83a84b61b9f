// SPDX-License-Identifier: Apache-2.0
// What a compilation computes and keeps in files until it is read, so that
// memory holds the mapped model and a tensor at a time. A file has no name and
// goes with the last of its bytes. One thread adds; bytes may be read by many.
#pragma once

#include "ir/llm/Weights.h"

#include <memory>

namespace llmc::compiler {

class SpillFile;

/// A mapping of bytes that were added to a file.
class SpilledBytes {
public:
  SpilledBytes() = default;
  SpilledBytes(std::shared_ptr<SpillFile> file, void *data, size_t count)
      : file(std::move(file)), data(data), count(count) {}
  SpilledBytes(SpilledBytes &&) noexcept;
  SpilledBytes &operator=(SpilledBytes &&) noexcept;
  ~SpilledBytes();

  std::span<const std::byte> bytes() const {
    return {static_cast<const std::byte *>(data), count};
  }

private:
  std::shared_ptr<SpillFile> file;
  void *data = nullptr;
  size_t count = 0;
};

class SpillFile {
public:
  /// In the folder for temporary files. Throws CompileError (resource).
  static std::shared_ptr<SpillFile> create();
  ~SpillFile();
  SpillFile(const SpillFile &) = delete;
  SpillFile &operator=(const SpillFile &) = delete;

  /// Throws CompileError (resource).
  static SpilledBytes add(const std::shared_ptr<SpillFile> &file,
                          std::span<const std::byte> bytes);
  /// A tensor of them, as the only one of a source.
  static std::unique_ptr<llm::WeightSource>
  add(const std::shared_ptr<SpillFile> &file, mlir::RankedTensorType type,
      std::span<const std::byte> bytes, std::string name);
  /// Begins again where nothing of it is read any more. Files that have their
  /// room already are written several times as fast as new ones.
  void rewind() { end = 0; }

private:
  SpillFile() = default;
  int fd = -1;
  uint64_t end = 0;
};

} // namespace llmc::compiler
