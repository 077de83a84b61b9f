// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/CompileError.h"

#include <fmt/format.h>

using namespace mlir;

namespace llmc::compiler {

void check(Status status) {
  if (!status)
    throw CompileError{std::move(status.error())};
}

void fail(Code code, std::string what, std::string where) {
  throw CompileError{
      Error{.code = code, .what = std::move(what), .where = std::move(where)}};
}

std::string describe(const llm::Site &site) {
  return fmt::format("node {} '{}' ({})", site.node, site.name, site.op);
}

Diagnostics::Diagnostics(MLIRContext *context)
    : handler(context, [this](Diagnostic &d) {
        if (d.getSeverity() == DiagnosticSeverity::Error && text.empty()) {
          llm::Site site = llm::siteOf(d.getLocation());
          if (!site.op.empty())
            where = describe(site);
          text = d.str();
        }
        return success();
      }) {}

void Diagnostics::raise(Code code) {
  fail(code, text.empty() ? "the compiler failed without a reason" : text,
       where);
}

} // namespace llmc::compiler
