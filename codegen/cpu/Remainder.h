// SPDX-License-Identifier: Apache-2.0
// The remainder of a division of floats, exact for all operands.
#ifndef LLMC_CODEGEN_CPU_REMAINDER_H
#define LLMC_CODEGEN_CPU_REMAINDER_H

#include "codegen/cpu/CodeBuilder.h"

namespace llmc {

/// Of scalars: x - trunc(x / y) y with `truncated` (C's fmod), else
/// x - floor(x / y) y, which has y's sign. NaN where y is 0 or x infinite.
mlir::Value emitFloatMod(CodeBuilder &k, mlir::Value x, mlir::Value y,
                         bool truncated);

} // namespace llmc

#endif
