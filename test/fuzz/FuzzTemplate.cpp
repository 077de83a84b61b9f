// SPDX-License-Identifier: Apache-2.0
// Fuzzes chat templates: an input is a template, a 0 byte, and JSON of its
// variables. Every template must be refused or parse; what parses must render
// to valid UTF-8 within its limits or fail with a reason, and the same way
// twice.
#include "runtime/template/Limits.h"
#include "runtime/template/Template.h"
#include "runtime/text/Utf8.h"
#include "test/fuzz/Require.h"

using namespace llmc;
using namespace llmc::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view input(reinterpret_cast<const char *>(data), size);
  size_t end = std::min(input.find('\0'), input.size());
  auto parsed = jinja::Template::parse(input.substr(0, end));
  if (!parsed) {
    requireReason(parsed.error());
    return 0;
  }
  std::string_view json = input.substr(std::min(end + 1, size));
  std::tm now = {};
  now.tm_mday = 1;
  auto first = (*parsed)->render({{json, "json"}}, now);
  auto second = (*parsed)->render({{json, "json"}}, now);
  require(bool(first) == bool(second), "both renderings succeed or fail");
  if (!first) {
    requireReason(first.error());
    require(first.error().what == second.error().what,
            "both renderings fail the same way");
    return 0;
  }
  require(*first == *second, "both renderings give the same text");
  require(text::isValidUtf8(*first), "a rendering is UTF-8");
  require(first->size() <= jinja::limits::textBytes, "a text has a limit");
  return 0;
}
