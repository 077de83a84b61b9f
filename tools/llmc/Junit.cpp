// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/Escape.h"
#include "runtime/core/File.h"
#include "tools/llmc/Verify.h"
#include <fmt/format.h>

namespace llmc::cli {

static std::string xml(const std::string &text) {
  std::string out;
  for (char c : escapeText(text, 4096)) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

Status writeJunit(const std::string &path,
                  const std::vector<CaseResult> &results) {
  size_t failures = 0, errors = 0, skipped = 0;
  std::string rows;
  for (const CaseResult &result : results) {
    const char *element = nullptr;
    if (result.code == 2 || result.code == 4)
      element = "failure", ++failures;
    else if (result.code == 3)
      element = "skipped", ++skipped;
    else if (result.code != 0)
      element = "error", ++errors;
    rows += fmt::format(
        "  <testcase classname=\"llmc.verify\" name=\"{}\" time=\"{:.3f}\"",
        xml(result.name), result.seconds);
    rows += element ? fmt::format("><{} message=\"{}\"/></testcase>\n", element,
                                  xml(result.message))
                    : "/>\n";
  }
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"llmc "
      "verify\" tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}</testsuite>\n",
      results.size(), failures, errors, skipped, rows);
  auto file = OutputFile::create(path);
  if (!file)
    return file.takeStatus();
  if (Status status = (*file)->write(std::as_bytes(std::span(text)), 0);
      !status)
    return status;
  return (*file)->commit();
}

} // namespace llmc::cli
