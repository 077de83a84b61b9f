// SPDX-License-Identifier: Apache-2.0
// Shapes of loop nests: what lowerings need to hand strided tensors to the CPU
// kernels.
#pragma once

#include "codegen/cpu/kernels/Elementwise.h"
#include "codegen/lowering/EntryLowering.h"

namespace llmc {

/// Whether dim i of the tensor moves by exactly dim i+1's size times its
/// stride, as far as the host program shows.
bool followsInner(const MemTensor &, int64_t i);

/// Whether the elements of the last dim are neighbours, as far as the host
/// program shows; an absent tensor (no base) is.
bool isDense(const MemTensor &);

/// Gives the tensor a dim of 1 at `at`, which stands still.
void insertUnit(CodeBuilder &, MemTensor &, int64_t at);

/// [rows, width] of a tensor whose leading dims are rows of one stride.
MemTensor asMatrix(EntryLowering &, MemTensor);

/// The tensor with its kept axes first and the given ones behind them; `kept`
/// counts the former.
MemTensor reducedLast(MemTensor, llvm::ArrayRef<int64_t> axes, int64_t &kept);

/// An operand with the strides of its broadcast to `shape`: 0 where it has one
/// element. Dims that are 1 only at run time get their stride there.
MemTensor broadcastTo(EntryLowering &, MemTensor, const MemTensor &shape);

/// The leading dims of a tensor as rows: row r stands at (r / inner) *
/// outerStride + (r % inner) * innerStride.
struct RowLayout {
  mlir::Value rows, inner, outerStride, innerStride;
};
/// Null where the last dim is not dense or the leading ones need more than two
/// strides.
std::optional<RowLayout> rowsOf(EntryLowering &, const MemTensor &);

/// Launches the map kernel over outputs[0]'s elements; inputs are broadcast to
/// it already. `body` as in MapSpec.
void launchMap(EntryLowering &, llvm::StringRef key,
               llvm::ArrayRef<MemTensor> inputs,
               llvm::ArrayRef<MemTensor> outputs,
               std::function<Values(CodeBuilder &, mlir::ValueRange)> body);

} // namespace llmc
