// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/Spill.h"

#include "tools/compiler/CompileError.h"
#include "llvm/Support/MathExtras.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace llmc::compiler {

[[noreturn]] static void failWithErrno(const std::string &what) {
  throw CompileError{Error{.code = Code::Resource,
                           .what = what + ": " + std::strerror(errno),
                           .hint = "TMPDIR names the folder for temporary "
                                   "files"}};
}

SpilledBytes::SpilledBytes(SpilledBytes &&other) noexcept
    : file(std::move(other.file)), data(std::exchange(other.data, nullptr)),
      count(std::exchange(other.count, 0)) {}

SpilledBytes &SpilledBytes::operator=(SpilledBytes &&other) noexcept {
  std::swap(file, other.file);
  std::swap(data, other.data);
  std::swap(count, other.count);
  return *this;
}

SpilledBytes::~SpilledBytes() {
  if (count)
    munmap(data, count);
}

namespace {
class SpilledTensor final : public llm::WeightSource {
public:
  SpilledTensor(SpilledBytes bytes, mlir::RankedTensorType type,
                std::string name)
      : spilled(std::move(bytes)), tensor(type), label(std::move(name)) {}

  size_t size() const override { return 1; }
  std::string name(size_t) const override { return label; }
  mlir::RankedTensorType type(mlir::MLIRContext *, size_t) const override {
    return tensor;
  }
  std::span<const std::byte> bytes(size_t) const override {
    return spilled.bytes();
  }

private:
  SpilledBytes spilled;
  mlir::RankedTensorType tensor;
  std::string label;
};
} // namespace

std::shared_ptr<SpillFile> SpillFile::create() {
  const char *folder = std::getenv("TMPDIR");
  std::string path =
      std::string(folder && *folder ? folder : "/tmp") + "/llmc-XXXXXX";
  std::shared_ptr<SpillFile> file(new SpillFile);
  file->fd = mkstemp(path.data());
  if (file->fd < 0)
    failWithErrno("cannot keep computed tensors in " + path);
  unlink(path.c_str());
  return file;
}

SpillFile::~SpillFile() {
  if (fd >= 0)
    close(fd);
}

SpilledBytes SpillFile::add(const std::shared_ptr<SpillFile> &file,
                            std::span<const std::byte> bytes) {
  if (bytes.empty())
    return {};
  uint64_t at = file->end;
  for (size_t done = 0; done < bytes.size();) {
    ssize_t n = pwrite(file->fd, bytes.data() + done, bytes.size() - done,
                       static_cast<off_t>(at + done));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      failWithErrno("cannot keep computed tensors");
    done += static_cast<size_t>(n);
  }
  file->end = llvm::alignTo(at + bytes.size(), sysconf(_SC_PAGESIZE));
  void *data = mmap(nullptr, bytes.size(), PROT_READ, MAP_SHARED, file->fd,
                    static_cast<off_t>(at));
  if (data == MAP_FAILED)
    failWithErrno("cannot map computed tensors");
  return {file, data, bytes.size()};
}

std::unique_ptr<llm::WeightSource>
SpillFile::add(const std::shared_ptr<SpillFile> &file,
               mlir::RankedTensorType type, std::span<const std::byte> bytes,
               std::string name) {
  return std::make_unique<SpilledTensor>(add(file, bytes), type,
                                         std::move(name));
}

} // namespace llmc::compiler
