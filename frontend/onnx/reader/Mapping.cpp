// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/reader/Mapping.h"

#include "frontend/InputError.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

namespace llmc::onnx {

std::string errnoText(int code) {
  const char *name = strerrorname_np(code);
  return fmt::format("{}, {}", name ? name : "error",
                     strerrordesc_np(code) ? strerrordesc_np(code) : "unknown");
}

std::shared_ptr<Mapping> Mapping::open(const std::string &path) {
  if (path.find('\0') != std::string::npos)
    throw InputError("", "cannot open: the path holds a zero byte")
        .inFile(path);
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    throw InputError("", fmt::format("cannot open ({})", errnoText(errno)))
        .inFile(path);
  return adopt(fd, path);
}

std::shared_ptr<Mapping> Mapping::adopt(int descriptor,
                                        const std::string &path) {
  std::shared_ptr<Mapping> mapping(new Mapping(descriptor, path));
  if (fstat(descriptor, &mapping->info) != 0)
    throw InputError("", fmt::format("cannot read ({})", errnoText(errno)))
        .inFile(path);
  if (!S_ISREG(mapping->info.st_mode))
    throw InputError(
        "", S_ISDIR(mapping->info.st_mode) ? "not a regular file but a folder"
            : S_ISFIFO(mapping->info.st_mode) ? "not a regular file but a pipe"
                                              : "not a regular file")
        .inFile(path);
  auto size = static_cast<size_t>(mapping->info.st_size);
  if (size == 0)
    return mapping;
  void *start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (start == MAP_FAILED)
    throw InputError(
        "", fmt::format("cannot map {} bytes ({})", size, errnoText(errno)), "",
        errno == ENOMEM ? ExitCode::OutOfResource : ExitCode::BadInput)
        .inFile(path);
  mapping->view = {static_cast<const std::byte *>(start), size};
  return mapping;
}

Mapping::~Mapping() {
  if (!view.empty())
    munmap(const_cast<std::byte *>(view.data()), view.size());
  releaseDescriptor();
}

void Mapping::releaseDescriptor() {
  if (fd >= 0)
    close(fd);
  fd = -1;
}

namespace {
bool isSame(int fd, const struct stat &before) {
  struct stat now = {};
  return fd >= 0 && fstat(fd, &now) == 0 && now.st_dev == before.st_dev &&
         now.st_ino == before.st_ino && now.st_size == before.st_size &&
         now.st_mtim.tv_sec == before.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
}
} // namespace

void Mapping::requireUnchanged() const {
  if (!isSame(fd, info))
    throw InputError("", "the file was changed while it was read").inFile(name);
}

void Mapping::requireUnchanged(int again) const {
  bool same = isSame(again, info);
  if (again >= 0)
    close(again);
  if (!same)
    throw InputError("", "the file was changed while it was read").inFile(name);
}

} // namespace llmc::onnx
