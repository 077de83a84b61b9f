// SPDX-License-Identifier: Apache-2.0
// Transposition of a square of registers. Used by kernels that turn rows into
// columns.
#ifndef LLMC_CODEGEN_CPU_KERNELS_TRANSPOSE_H
#define LLMC_CODEGEN_CPU_KERNELS_TRANSPOSE_H

#include "codegen/cpu/CodeBuilder.h"

namespace llmc {

/// rows[i][j] -> rows[j][i] for n vectors of n lanes, n a power of two; of
/// longer vectors every n lanes, a square of their own.
void emitTranspose(CodeBuilder &k, Values &rows);

} // namespace llmc

#endif
