// SPDX-License-Identifier: Apache-2.0
// A file of text that models are measured or calibrated on. Owns the mapping;
// may be read by many threads.
#ifndef LLMC_RUNTIME_TEXT_TEXTFILE_H
#define LLMC_RUNTIME_TEXT_TEXTFILE_H

#include "runtime/core/File.h"
#include <string_view>

namespace llmc::text {

class TextFile {
public:
  /// BadInput where the file is empty or not UTF-8.
  static Result<TextFile> open(const std::string &path);

  std::string_view text() const {
    return {reinterpret_cast<const char *>(file_->bytes().data()),
            file_->bytes().size()};
  }

private:
  explicit TextFile(std::unique_ptr<MappedFile> file)
      : file_(std::move(file)) {}
  std::unique_ptr<MappedFile> file_;
};

} // namespace llmc::text

#endif
