// SPDX-License-Identifier: Apache-2.0
// Elementary functions in f64 as ops, on scalars and vectors. Rounded to f32 they are within 1 ULP, which is what the
// trigonometric functions, log and pow of f32 data use; errors in f64 itself are stated per function.
#pragma once

#include "codegen/cpu/CodeBuilder.h"

namespace llmc {

/// |x| up to 2^30; relative error below 2^-48. NaN for infinities.
mlir::Value emitSin(CodeBuilder &k, mlir::Value x);
mlir::Value emitCos(CodeBuilder &k, mlir::Value x);
/// Relative error below 2^-50; -inf for 0, NaN for negative x. Subnormals included.
mlir::Value emitLog(CodeBuilder &k, mlir::Value x);
/// C's pow, error below 2^-40 relative for results that f32 can hold.
mlir::Value emitPow(CodeBuilder &k, mlir::Value x, mlir::Value y);
/// Error below 1e-13.
mlir::Value emitTanhDouble(CodeBuilder &k, mlir::Value x);
mlir::Value emitErfDouble(CodeBuilder &k, mlir::Value x);

} // namespace llmc
