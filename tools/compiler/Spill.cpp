// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/Spill.h"

#include "tools/compiler/Compilation.h"
#include "llvm/Support/MathExtras.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace llmc::compiler {

[[noreturn]] static void fail(const std::string &what) {
  throw CompileError{Error{.code = Code::Resource,
                           .what = what + ": " + std::strerror(errno),
                           .hint = "TMPDIR names the folder for temporary "
                                   "files"}};
}

namespace {
/// A tensor in a mapping of its own.
class SpilledTensor final : public llm::WeightSource {
public:
  SpilledTensor(std::shared_ptr<SpillFile> file, const std::byte *data,
                size_t bytes, mlir::RankedTensorType type, std::string name)
      : file(std::move(file)), data(data), count(bytes), tensor(type),
        label(std::move(name)) {}
  ~SpilledTensor() override {
    if (count)
      munmap(const_cast<std::byte *>(data), count);
  }

  size_t size() const override { return 1; }
  std::string name(size_t) const override { return label; }
  mlir::RankedTensorType type(mlir::MLIRContext *, size_t) const override {
    return tensor;
  }
  std::span<const std::byte> bytes(size_t) const override {
    return {data, count};
  }

private:
  std::shared_ptr<SpillFile> file;
  const std::byte *data;
  size_t count;
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
    fail("cannot keep computed weights in " + path);
  unlink(path.c_str());
  return file;
}

SpillFile::~SpillFile() {
  if (fd >= 0)
    close(fd);
}

std::unique_ptr<llm::WeightSource>
SpillFile::add(const std::shared_ptr<SpillFile> &file,
               mlir::RankedTensorType type, std::span<const std::byte> bytes,
               std::string name) {
  uint64_t at = file->end;
  for (size_t done = 0; done < bytes.size();) {
    ssize_t n = pwrite(file->fd, bytes.data() + done, bytes.size() - done,
                       static_cast<off_t>(at + done));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      fail("cannot keep computed weights");
    done += static_cast<size_t>(n);
  }
  file->end = llvm::alignTo(at + bytes.size(), sysconf(_SC_PAGESIZE));
  void *data = nullptr;
  if (!bytes.empty()) {
    data = mmap(nullptr, bytes.size(), PROT_READ, MAP_SHARED, file->fd,
                static_cast<off_t>(at));
    if (data == MAP_FAILED)
      fail("cannot map computed weights");
  }
  return std::make_unique<SpilledTensor>(file,
                                         static_cast<const std::byte *>(data),
                                         bytes.size(), type, std::move(name));
}

} // namespace llmc::compiler
