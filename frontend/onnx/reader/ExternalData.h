// SPDX-License-Identifier: Apache-2.0
// Tensor data in files beside the model. Every path is untrusted: it must stay
// inside the model's folder, name a regular file that has no other name, and be
// reached without symbolic links. One mapping per file, kept as long as this
// object lives. Not thread-safe; the views may be read by any thread.
#ifndef LLMC_FRONTEND_ONNX_READER_EXTERNALDATA_H
#define LLMC_FRONTEND_ONNX_READER_EXTERNALDATA_H

#include "frontend/onnx/reader/Model.h"

#include <map>

namespace llmc {
class Remarks;
}

namespace llmc::onnx {

class ExternalFiles {
public:
  /// folder is the model's; it is opened at the first use. remarks may be null.
  explicit ExternalFiles(std::string folder, Remarks *remarks = nullptr);
  ~ExternalFiles();
  ExternalFiles(const ExternalFiles &) = delete;
  ExternalFiles &operator=(const ExternalFiles &) = delete;

  /// The data of an external tensor that takes size bytes, a view at whatever
  /// alignment the file has it. where names the tensor. Throws InputError.
  Bytes locate(const TensorProto &tensor, uint64_t size,
               const std::string &where);

  /// All files opened so far, in the order of their paths.
  std::vector<std::shared_ptr<Mapping>> files() const;
  /// Throws if a file changed since it was opened.
  void requireUnchanged();

private:
  struct Reference {
    std::string_view location;
    uint64_t offset = 0;
    std::optional<uint64_t> length;
  };
  Reference parse(const TensorProto &tensor, const std::string &where);
  const std::shared_ptr<Mapping> &open(std::string_view location,
                                       const std::string &where);
  int openBeneath(const std::string &path);

  std::string folder;
  Remarks *remarks;
  int folderDescriptor = -1;
  std::map<std::string, std::shared_ptr<Mapping>, std::less<>> mappings;
  std::map<std::string, bool, std::less<>> warnedKeys;
};

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_EXTERNALDATA_H
