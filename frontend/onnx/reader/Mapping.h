// SPDX-License-Identifier: Apache-2.0
// A regular file mapped read-only, with its descriptor kept so that a change
// can be noticed. Used for models, their external data and test vectors. Shared
// by whoever holds views into it; immutable, so any thread may read.
#ifndef LLMC_FRONTEND_ONNX_READER_MAPPING_H
#define LLMC_FRONTEND_ONNX_READER_MAPPING_H

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace llmc::onnx {

using Bytes = std::span<const std::byte>;

inline std::string_view asText(Bytes bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}
inline Bytes asBytes(std::string_view text) {
  return {reinterpret_cast<const std::byte *>(text.data()), text.size()};
}

class Mapping {
public:
  /// Maps the file at path; a symbolic link is followed, a FIFO, device or
  /// folder refused without waiting on it. Throws InputError.
  static std::shared_ptr<Mapping> open(const std::string &path);
  /// Maps an open descriptor and owns it from here on, also when it throws.
  /// path is only for messages.
  static std::shared_ptr<Mapping> adopt(int descriptor,
                                        const std::string &path);
  ~Mapping();
  Mapping(const Mapping &) = delete;
  Mapping &operator=(const Mapping &) = delete;

  Bytes bytes() const { return view; }
  const std::string &path() const { return name; }
  const struct stat &status() const { return info; }

  /// Throws InputError if the file was changed, shortened or replaced since it
  /// was opened: views would then hold other bytes than those that were
  /// checked.
  void requireUnchanged() const;
  /// The same for a mapping whose descriptor was given back: again is a new one
  /// of the file, or -1; it is closed.
  void requireUnchanged(int again) const;
  /// Closes the descriptor, of which a process has few. The mapping stays.
  void releaseDescriptor();
  bool hasDescriptor() const { return fd >= 0; }

private:
  Mapping(int descriptor, std::string path)
      : fd(descriptor), name(std::move(path)) {}
  int fd;
  std::string name;
  struct stat info = {};
  Bytes view;
};

/// `ENOENT, No such file or directory` for an errno.
std::string errnoText(int code);

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_MAPPING_H
