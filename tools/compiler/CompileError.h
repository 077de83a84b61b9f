// SPDX-License-Identifier: Apache-2.0
// How a compilation ends early: failures travel as CompileError to Main.cpp.
#pragma once

#include "ir/llm/Shape.h"
#include "mlir/IR/Diagnostics.h"
#include "runtime/core/Status.h"

#include <string>

namespace llmc::compiler {

/// What ends a compilation; caught in Main.cpp.
struct CompileError {
  Error error;
};
/// Throws if the status is a failure.
void check(Status);
/// The value, or what check() does.
template <class T> T valueOf(Result<T> result) {
  if (!result)
    check(result.takeStatus());
  return std::move(*result);
}

[[noreturn]] void fail(Code code, std::string what, std::string where = {});

/// A node of the model, as errors name it.
std::string describe(const llm::Site &);

/// Collects MLIR's errors while it lives.
class Diagnostics {
public:
  explicit Diagnostics(mlir::MLIRContext *context);
  /// The first one, with the model's node that it is at.
  [[noreturn]] void raise(Code code);

private:
  std::string text, where;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace llmc::compiler
