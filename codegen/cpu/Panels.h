// SPDX-License-Identifier: Apache-2.0
// Where the elements of a packed weight [K, N] lie: panels of 16 columns,
// [ceil(N/16)][K][16], and for bf16 two rows of K beside each other,
// [ceil(N/16)][ceil(K/2)][16][2], so that one 32-bit word holds both and a
// shift or a mask widens them. Padding is zero. Pure functions.
#ifndef LLMC_CODEGEN_CPU_PANELS_H
#define LLMC_CODEGEN_CPU_PANELS_H

#include "codegen/cpu/CodeBuilder.h"

namespace llmc {

/// Rows of K that lie beside each other.
int64_t panelInterleave(mlir::Type element);
/// Elements of one panel.
int64_t panelSize(mlir::Type element, int64_t k);
/// The place of an element of a weight of `depth` rows, in elements.
mlir::Value panelIndex(CodeBuilder &k, mlir::Type element, mlir::Value depth,
                       mlir::Value row, mlir::Value column);

} // namespace llmc

#endif
