// SPDX-License-Identifier: Apache-2.0
// The functions whose f64 form is not the f32 formula with more terms; Math.h
// has all others.
#pragma once

#include "codegen/cpu/Math.h"

namespace llmc {

/// f64; error below 1e-13.
mlir::Value emitTanhDouble(CodeBuilder &k, mlir::Value x);
mlir::Value emitErfDouble(CodeBuilder &k, mlir::Value x);

} // namespace llmc
