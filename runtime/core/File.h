// SPDX-License-Identifier: Apache-2.0
// Files: reading through a mapping, and writing so that nothing half-written is
// ever seen. An object belongs to one thread; a mapping may be read by many.
#ifndef LLMC_RUNTIME_CORE_FILE_H
#define LLMC_RUNTIME_CORE_FILE_H

#include "runtime/core/Status.h"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace llmc {

/// A regular file, mapped read-only for the object's life.
class MappedFile {
public:
  static Result<std::unique_ptr<MappedFile>> open(const std::string &path);
  ~MappedFile();
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }
  bool writableByAll() const { return writableByAll_; }

private:
  MappedFile() = default;
  std::span<const std::byte> bytes_;
  bool writableByAll_ = false;
};

/// A file that appears under its path, complete and synced, only at commit().
/// Without it nothing stays: the temporary file has no name where the file
/// system allows that, else it is removed by the destructor or by a handler of
/// SIGINT and SIGTERM.
class OutputFile {
public:
  static Result<std::unique_ptr<OutputFile>> create(const std::string &path);
  ~OutputFile();
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;

  Status write(std::span<const std::byte> bytes, uint64_t offset);
  Status commit();

private:
  OutputFile() = default;
  Status failed(const char *action) const;

  std::string path_;
  std::string temporary_; // empty: the file has no name yet
  int fd_ = -1;
};

} // namespace llmc

#endif
