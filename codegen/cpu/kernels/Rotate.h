// SPDX-License-Identifier: Apache-2.0
// A block of numbers rotated (ir/llm/Rotation.h) in registers, by the fast
// Walsh-Hadamard transform: log2(block) additions for each number. The same
// bits for any number of lanes. Used where rows are rounded.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ROTATE_H
#define LLMC_CODEGEN_CPU_KERNELS_ROTATE_H

#include "codegen/cpu/CodeBuilder.h"

namespace llmc {

/// `block` numbers of `element` at `from` to f32 at `to`; a power of two that
/// lanes divide.
void emitRotateBlock(CodeBuilder &k, mlir::Type element, int64_t block,
                     mlir::Value from, mlir::Value to);

} // namespace llmc

#endif
