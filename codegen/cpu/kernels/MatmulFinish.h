// SPDX-License-Identifier: Apache-2.0
// The last step of a tile of a matrix multiplication: sums to elements of C.
// Used by Matmul.cpp and RoundedMatmul.cpp.
#ifndef LLMC_CODEGEN_CPU_KERNELS_MATMULFINISH_H
#define LLMC_CODEGEN_CPU_KERNELS_MATMULFINISH_H

#include "codegen/cpu/kernels/Matmul.h"

namespace llmc {

/// Rows [row, row + rows) x columns [column, column + columns) of C.
struct FinishedTile {
  mlir::Value row, rows, column, columns;
  Values sums;       ///< f32, for each weight
  int64_t sumStride; ///< of rows of sums in elements
  int64_t width;     ///< columns of most tiles
};
/// Emits a call of a shared function that turns the tile's sums into elements
/// of C, in a kernel with the arguments of MatmulArg.
void emitMatmulFinish(KernelModule &kernels, KernelBuilder &k,
                      const MatmulSpec &spec, const FinishedTile &tile);

} // namespace llmc

#endif
