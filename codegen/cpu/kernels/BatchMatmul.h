// SPDX-License-Identifier: Apache-2.0
// C[..., M, N] = A[..., M, K] * B[..., K, N] of two operands that are computed,
// with any strides: B is packed to panels of f32 on the way. All sizes are
// dynamic and may be 0; K = 0 gives zeros. An element's sum has the order of
// Matmul.h's, whatever M, the tile or the range is.
#ifndef LLMC_CODEGEN_CPU_KERNELS_BATCHMATMUL_H
#define LLMC_CODEGEN_CPU_KERNELS_BATCHMATMUL_H

#include "codegen/cpu/kernels/Matmul.h"

namespace llmc {

struct BatchMatmulSpec {
  mlir::Type element;    ///< of all three: f32, f16 or bf16
  int64_t batchDims = 0; ///< dims before the last two

  std::string key() const;
};

/// The kernel's words. Strides are in elements.
enum BatchMatmulArg : unsigned {
  BatchA,
  BatchB,
  BatchC, ///< must not overlap A or B
  BatchM,
  BatchN,
  BatchK,
  BatchARow,
  BatchAStep, ///< of A along K
  BatchBStep, ///< of B along K
  BatchBColumn,
  BatchCRow,       ///< columns of C are dense
  BatchTileRows,   ///< from batchMatmulGrid
  BatchTilePanels, ///< from batchMatmulGrid
  BatchLists       ///< of each batch dim, outermost first: its size and the
                   ///< strides of A, B and C; those of A and B may be 0
};

/// Emits arithmetic on i64 values; `batch` is the product of the batch dims.
MatmulGrid batchMatmulGrid(CodeBuilder &b, mlir::Value batch, mlir::Value m,
                           mlir::Value n, mlir::Value k, mlir::Value workers);

/// The kernel's symbol.
std::string emitBatchMatmul(KernelModule &kernels, const BatchMatmulSpec &spec);

} // namespace llmc

#endif
