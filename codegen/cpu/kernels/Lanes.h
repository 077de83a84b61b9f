// SPDX-License-Identifier: Apache-2.0
// Rows of f32, f16 or bf16 as f32 lanes: widened as they are loaded, rounded
// once, to nearest even, as they are stored. What kernels that compute in f32
// read and write halves with.
#ifndef LLMC_CODEGEN_CPU_KERNELS_LANES_H
#define LLMC_CODEGEN_CPU_KERNELS_LANES_H

#include "codegen/cpu/CodeBuilder.h"

namespace llmc {

/// Whether the functions below take the element type.
bool hasLanes(mlir::Type element);
/// A key's part for such types; null ones are f32.
std::string laneKey(llvm::ArrayRef<mlir::Type> elements);

/// `count` elements of `element` (1: a scalar) as f32. Lanes outside the mask
/// are 0.
mlir::Value loadLanes(CodeBuilder &k, mlir::Type element, int64_t count,
                      mlir::Value mask, mlir::Value base,
                      mlir::Value index = {}, int64_t offset = 0);
/// f32 values, one or many, to memory of `element`.
void storeLanes(CodeBuilder &k, mlir::Value value, mlir::Type element,
                mlir::Value mask, mlir::Value base, mlir::Value index = {},
                int64_t offset = 0);

/// The address of element `index` of memory of `element`.
mlir::Value laneAddress(CodeBuilder &k, mlir::Type element, mlir::Value base,
                        mlir::Value index, int64_t offset = 0);

} // namespace llmc

#endif
