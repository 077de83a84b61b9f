// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/LabelledFile.h"
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace llmc::cli {

static std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  for (size_t tab; (tab = line.find('\t')) != line.npos;
       line.remove_prefix(tab + 1))
    fields.push_back(line.substr(0, tab));
  fields.push_back(line);
  return fields;
}

Status LabelledFile::badLine(const LabelledLine &line, std::string what) const {
  return Error{.code = Code::BadInput,
               .what = std::move(what),
               .file = path_,
               .where = fmt::format("line {}", line.number)};
}

Result<LabelledFile> LabelledFile::open(const std::string &path,
                                        size_t fields) {
  auto text = text::TextFile::open(path);
  if (!text)
    return text.takeStatus();
  LabelledFile file(path, std::move(*text));
  std::string_view rest = file.file_.text();
  for (size_t number = 1; !rest.empty(); ++number) {
    size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.empty())
      continue;
    LabelledLine labelled = {number, split(line)};
    if (labelled.fields.size() != fields)
      return file.badLine(labelled,
                          fmt::format("has {} field{}, expected {} between "
                                      "tabs",
                                      labelled.fields.size(),
                                      labelled.fields.size() == 1 ? "" : "s",
                                      fields));
    file.lines_.push_back(std::move(labelled));
  }
  if (file.lines_.empty())
    return Error{Code::BadInput, "has no lines", path};
  return file;
}

Result<double> LabelledFile::numberOf(const LabelledLine &line) const {
  std::string_view field = line.fields.back();
  double value = 0;
  auto [end, error] =
      std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() ||
      !std::isfinite(value))
    return badLine(line, fmt::format("'{}' is no number", field));
  return value;
}

} // namespace llmc::cli
