// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/File.h"
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace llmc {

static Status systemError(Code code, const std::string &path,
                          const std::string &action) {
  return Error{code, fmt::format("{}: {}", action, std::strerror(errno)), path};
}

Result<std::unique_ptr<MappedFile>> MappedFile::open(const std::string &path) {
  // O_NONBLOCK: a FIFO must not hang us.
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return systemError(Code::BadInput, path, "cannot open");
  struct stat info;
  Status status;
  std::unique_ptr<MappedFile> file(new MappedFile);
  if (fstat(fd, &info) != 0) {
    status = systemError(Code::BadInput, path, "cannot open");
  } else if (!S_ISREG(info.st_mode)) {
    status = Error{
        Code::BadInput,
        S_ISDIR(info.st_mode) ? "is a folder" : "is not a regular file", path};
  } else if (info.st_size > 0) {
    void *address = mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ,
                         MAP_PRIVATE, fd, 0);
    if (address == MAP_FAILED)
      status = systemError(Code::Resource, path, "cannot map");
    else
      file->bytes_ = {static_cast<const std::byte *>(address),
                      static_cast<size_t>(info.st_size)};
  }
  file->writableByAll_ = (info.st_mode & S_IWOTH) != 0;
  close(fd);
  if (!status)
    return status;
  return file;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty())
    munmap(const_cast<std::byte *>(bytes_.data()), bytes_.size());
}

// The named temporary file that a signal must remove; one at a time is enough
// for the programs that write.
static std::atomic<const char *> temporaryInUse = nullptr;

static void removeTemporary(int signal) {
  if (const char *path = temporaryInUse.load())
    unlink(path);
  std::signal(signal, SIG_DFL);
  raise(signal);
}

static void watch(const char *path) {
  temporaryInUse = path;
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction current;
    if (sigaction(signal, nullptr, &current) == 0 &&
        current.sa_handler == SIG_DFL)
      std::signal(signal, removeTemporary);
  }
}

static std::string folderOf(const std::string &path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Status OutputFile::failed(const char *action) const {
  Code code = errno == ENOSPC || errno == EDQUOT || errno == EFBIG
                  ? Code::Resource
                  : Code::BadInput;
  return systemError(code, path_, action);
}

Result<std::unique_ptr<OutputFile>>
OutputFile::create(const std::string &path) {
  std::unique_ptr<OutputFile> file(new OutputFile);
  file->path_ = path;
  struct stat info;
  if (path.empty() || path.back() == '/' ||
      (stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)))
    return Error{Code::BadInput, "cannot write: is a folder", path};
  file->fd_ =
      ::open(folderOf(path).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  // The name is given through /proc.
  if (file->fd_ >= 0 &&
      access(fmt::format("/proc/self/fd/{}", file->fd_).c_str(), F_OK) == 0)
    return file;
  if (file->fd_ >= 0)
    close(file->fd_);
  file->temporary_ = fmt::format("{}.tmp-{}", path, getpid());
  file->fd_ = ::open(file->temporary_.c_str(),
                     O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file->fd_ < 0) {
    file->temporary_.clear();
    return file->failed("cannot write");
  }
  watch(file->temporary_.c_str());
  return file;
}

Status OutputFile::write(std::span<const std::byte> bytes, uint64_t offset) {
  while (!bytes.empty()) {
    ssize_t written =
        pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return failed("cannot write");
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return Status();
}

Status OutputFile::commit() {
  if (fsync(fd_) != 0)
    return failed("cannot write");
  if (temporary_.empty()) {
    // A link can't replace a file, a rename can.
    std::string name = fmt::format("{}.tmp-{}", path_, getpid());
    std::string source = fmt::format("/proc/self/fd/{}", fd_);
    if (linkat(AT_FDCWD, source.c_str(), AT_FDCWD, name.c_str(),
               AT_SYMLINK_FOLLOW) != 0)
      return failed("cannot write");
    temporary_ = std::move(name);
    watch(temporary_.c_str());
  }
  if (rename(temporary_.c_str(), path_.c_str()) != 0)
    return failed("cannot write");
  temporaryInUse = nullptr;
  temporary_.clear();
  if (int folder =
          ::open(folderOf(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      folder >= 0) {
    fsync(folder);
    close(folder);
  }
  return Status();
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) {
    unlink(temporary_.c_str());
    temporaryInUse = nullptr;
  }
  if (fd_ >= 0)
    close(fd_);
}

} // namespace llmc
