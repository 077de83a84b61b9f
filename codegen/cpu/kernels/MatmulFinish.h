// SPDX-License-Identifier: Apache-2.0
// The last step of a tile of a matrix multiplication: sums to elements of C.
// Used by Matmul.cpp.
#ifndef LLMC_CODEGEN_CPU_KERNELS_MATMULFINISH_H
#define LLMC_CODEGEN_CPU_KERNELS_MATMULFINISH_H

#include "codegen/cpu/kernels/Matmul.h"

namespace llmc {

/// Emits void finish(rows, columns, c, ldc, (sums[, bias]) for each weight[,
/// residual, ldr]): `rows` rows of `columns` sums, sumStride apart, to rows of
/// C.
mlir::LLVM::LLVMFuncOp emitMatmulFinish(KernelModule &kernels,
                                        const MatmulSpec &spec,
                                        int64_t sumStride);

} // namespace llmc

#endif
