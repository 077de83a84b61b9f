// SPDX-License-Identifier: Apache-2.0
// Packed rows (ir/llm/PackedRows.h) in plain loops: for attention, and for the
// ops that make and undo them.
#pragma once

#include "codegen/cpu/kernels/PackedRows.h"
#include "codegen/ref/PlainKernel.h"

namespace llmc {

/// Number d, f32, of the packed row of a tensor that has these leading indices.
mlir::Value plainPacked(PlainBody &p, unsigned tensor, const PackedRows &rows,
                        const Values &row, mlir::Value d);

} // namespace llmc
