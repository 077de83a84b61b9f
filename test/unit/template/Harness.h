// SPDX-License-Identifier: Apache-2.0
// What the tests of templates share.
#ifndef LLMC_TEST_UNIT_TEMPLATE_HARNESS_H
#define LLMC_TEST_UNIT_TEMPLATE_HARNESS_H

#include "runtime/template/Template.h"
#include <string>
#include <string_view>

namespace llmc::test {

/// The text, or "error CODE: WHERE: WHAT".
inline std::string render(std::string_view source,
                          std::string_view variables = "{}") {
  auto describe = [](const Error &error) {
    return "error " + std::to_string(static_cast<int>(error.code)) + ": " +
           (error.file.empty() ? "" : error.file + ": ") +
           (error.where.empty() ? "" : error.where + ": ") + error.what;
  };
  auto parsed = jinja::Template::parse(source);
  if (!parsed)
    return describe(parsed.error());
  auto text = (*parsed)->render({{variables, "variables"}}, std::tm());
  return text ? *text : describe(text.error());
}

} // namespace llmc::test

#endif
