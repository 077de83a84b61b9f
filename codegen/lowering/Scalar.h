// SPDX-License-Identifier: Apache-2.0
// The arithmetic of elementwise llm ops on scalars and vectors, shared by every
// loop nest that holds them.
#pragma once

#include "codegen/cpu/CodeBuilder.h"
#include "ir/llm/Dialect.h"

namespace llmc {

/// The value of an elementwise op, given its operands in the type that is
/// computed in (codegen/ref/PlainKernel.h), or vectors of it. Null for an op
/// that is not elementwise. `fail`, where given, is called with a condition
/// that makes the call fail (integer division by zero).
mlir::Value emitScalar(CodeBuilder &k, mlir::Operation *op,
                       mlir::ValueRange operands,
                       llvm::function_ref<void(mlir::Value)> fail = {});

} // namespace llmc
