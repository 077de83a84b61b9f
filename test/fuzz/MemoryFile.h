// SPDX-License-Identifier: Apache-2.0
// A file in memory with a path, for fuzzing what opens files by name.
#ifndef LLMC_TEST_FUZZ_MEMORYFILE_H
#define LLMC_TEST_FUZZ_MEMORYFILE_H

#include <cstdlib>
#include <span>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace llmc::test {

class MemoryFile {
public:
  explicit MemoryFile(std::span<const std::byte> bytes)
      : fd(memfd_create("fuzz", MFD_CLOEXEC)) {
    if (fd < 0 || write(fd, bytes.data(), bytes.size()) !=
                      static_cast<ssize_t>(bytes.size()))
      abort();
  }
  ~MemoryFile() { close(fd); }
  MemoryFile(const MemoryFile &) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd); }

private:
  int fd;
};

} // namespace llmc::test

#endif
