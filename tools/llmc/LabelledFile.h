// SPDX-License-Identifier: Apache-2.0
// A file of lines with fields between tabs, the last one a label: what
// `llmc eval` measures encoders with. Owns the text that the fields point into.
#ifndef LLMC_TOOLS_LLMC_LABELLEDFILE_H
#define LLMC_TOOLS_LLMC_LABELLEDFILE_H

#include "runtime/text/TextFile.h"
#include <string>
#include <vector>

namespace llmc::cli {

struct LabelledLine {
  size_t number; // from 1 on
  std::vector<std::string_view> fields;
};

class LabelledFile {
public:
  /// BadInput where it is no text, has no lines, or one without `fields`
  /// fields. Blank lines are passed over.
  static Result<LabelledFile> open(const std::string &path, size_t fields);

  const std::vector<LabelledLine> &lines() const { return lines_; }
  /// A failure at a line.
  Status badLine(const LabelledLine &line, std::string what) const;
  /// The last field as a number that is finite.
  Result<double> numberOf(const LabelledLine &line) const;

private:
  LabelledFile(std::string path, text::TextFile file)
      : path_(std::move(path)), file_(std::move(file)) {}
  std::string path_;
  text::TextFile file_;
  std::vector<LabelledLine> lines_;
};

} // namespace llmc::cli

#endif
