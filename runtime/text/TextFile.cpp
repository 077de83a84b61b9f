// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/TextFile.h"
#include "runtime/text/Utf8.h"
#include <fmt/format.h>

namespace llmc::text {

Result<TextFile> TextFile::open(const std::string &path) {
  auto mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.takeStatus();
  TextFile file(std::move(*mapped));
  std::string_view text = file.text();
  if (text.empty())
    return Error{Code::BadInput, "is empty", path};
  for (size_t i = 0; i < text.size();) {
    Utf8Sequence sequence = sequenceAt(text, i);
    if (sequence.kind != Utf8Sequence::Valid)
      return Error{
          .code = Code::BadInput,
          .what = fmt::format("is not UTF-8: byte {} is no character's", i),
          .file = path};
    i += sequence.size;
  }
  return file;
}

} // namespace llmc::text
