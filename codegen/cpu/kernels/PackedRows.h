// SPDX-License-Identifier: Apache-2.0
// Reads and writes packed rows (ir/llm/PackedRows.h) in registers. A number is
// scale * q, or scale * q + minimum rounded once, in f32: the same bits
// wherever it is read. Used by attention, which reads caches of such rows, and
// by what makes them.
#ifndef LLMC_CODEGEN_CPU_KERNELS_PACKEDROWS_H
#define LLMC_CODEGEN_CPU_KERNELS_PACKEDROWS_H

#include "codegen/cpu/KernelBuilder.h"
#include "ir/llm/PackedRows.h"

namespace llmc {

using llm::PackedRows;

/// A key's part.
std::string packedKey(const PackedRows &rows);

/// A vector of numbers of the row at `base`, `first` on, which is a multiple of
/// its lanes. Those behind the row's size are anything.
mlir::Value loadPacked(CodeBuilder &k, const PackedRows &rows, mlir::Value base,
                       int64_t first);

/// A row at base + offset bytes.
struct PackedPlace {
  mlir::Value base;
  int64_t offset = 0;
};
/// Calls each(i, x) for i in [0, count), in order: lane r of x is number
/// 32 * unit + i of row r. There is a place for every lane of the target.
void forPackedColumns(CodeBuilder &k, const PackedRows &rows,
                      llvm::ArrayRef<PackedPlace> places, mlir::Value unit,
                      int64_t count,
                      llvm::function_ref<void(int64_t i, mlir::Value x)> each);

/// What a block's integers are taken by, f32: scale and minimum (of 4 bits) as
/// f16 has them. What has no such scale gets NaN.
struct BlockScale {
  mlir::Value scale, minimum, inverse;
};
/// Of numbers in [low, high]; of 8 bits low is -high. NaN where one is.
BlockScale blockScale(CodeBuilder &k, const PackedRows &rows, mlir::Value low,
                      mlir::Value high);
/// A number's integer, i32; one or many.
mlir::Value packedInteger(CodeBuilder &k, const PackedRows &rows, mlir::Value x,
                          const BlockScale &scale);

enum PackArg : unsigned {
  PackX,     ///< row r is at (r / inner) * outer stride + (r % inner) * inner
             ///< stride, in elements; a row's are neighbours
  PackOut,   ///< rows one behind the other
  PackInner, ///< rows with the inner stride
  PackOuterStride,
  PackInnerStride,
  PackArgCount
};
/// Packs rows of f32, f16 or bf16; a tile is a row. For vector targets.
std::string emitPackRows(KernelModule &kernels, const PackedRows &rows,
                         mlir::Type element);

} // namespace llmc

#endif
