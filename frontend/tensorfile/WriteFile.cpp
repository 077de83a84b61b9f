// SPDX-License-Identifier: Apache-2.0
#include "frontend/tensorfile/WriteFile.h"

#include "frontend/InputError.h"
#include "frontend/onnx/reader/Mapping.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace llmc {

namespace {

[[noreturn]] void failWriting(const std::string &path, int code) {
  bool isFull = code == ENOSPC || code == EDQUOT || code == EFBIG;
  throw InputError("", fmt::format("cannot write ({})", onnx::errnoText(code)),
                   "", isFull ? ExitCode::OutOfResource : ExitCode::BadInput)
      .inFile(path);
}

/// Closes and removes the temporary file unless it was renamed.
struct Temporary {
  std::string path;
  int fd = -1;
  ~Temporary() {
    if (fd >= 0)
      close(fd);
    if (!path.empty())
      unlink(path.c_str());
  }
};

} // namespace

void writeFile(const std::string &path,
               std::span<const std::string_view> pieces) {
  Temporary temporary;
  std::string pattern = path + ".XXXXXX";
  temporary.fd = mkostemp(pattern.data(), O_CLOEXEC);
  if (temporary.fd < 0)
    failWriting(path, errno);
  temporary.path = pattern;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      ssize_t written = write(temporary.fd, piece.data(), piece.size());
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        failWriting(path, errno);
      piece.remove_prefix(static_cast<size_t>(written));
    }
  }
  // mkostemp makes the file private; a result is as readable as any new file.
  mode_t mask = umask(0);
  umask(mask);
  if (fchmod(temporary.fd, 0666 & ~mask) != 0 || fsync(temporary.fd) != 0)
    failWriting(path, errno);
  if (rename(temporary.path.c_str(), path.c_str()) != 0)
    failWriting(path, errno);
  temporary.path.clear();
}

} // namespace llmc
