// SPDX-License-Identifier: Apache-2.0
// Exact products of 8-bit integers with a packed weight (kernels/Quant.h):
//   C[M, N] = sum over k of (A - a_zero) * (W - w_zero), i32.
// Sums are integers, so their order does not matter.
#ifndef LLMC_CODEGEN_CPU_KERNELS_QUANTMATMUL_H
#define LLMC_CODEGEN_CPU_KERNELS_QUANTMATMUL_H

#include "codegen/cpu/KernelBuilder.h"

namespace llmc {

struct QuantMatmulSpec {
  int64_t n = 0, k = 0;
  bool signedA = false, signedW = false;
  bool zeroA = false; ///< a_zero is one byte
  enum ZeroW { None, One, PerColumn };
  ZeroW zeroW = None; ///< w_zero is absent, one byte, or [N] bytes
  std::string key() const;
};

enum QuantMatmulArg : unsigned {
  QuantMatmulA, ///< bytes [M, K], rows lda apart
  QuantMatmulW, ///< packed weight
  QuantMatmulZeroA,
  QuantMatmulZeroW,
  QuantMatmulSums, ///< i32 [M]: sums of A's rows, from emitQuantRowSums
  QuantMatmulC,    ///< i32 [M, N], without gaps
  QuantMatmulM,
  QuantMatmulLda,
  QuantMatmulArgCount
};

/// Tiles are blocks of rows of one panel; all blocks of a panel follow each
/// other.
mlir::Value quantMatmulTiles(CodeBuilder &b, const QuantMatmulSpec &spec,
                             mlir::Value m);
std::string emitQuantMatmul(KernelModule &kernels, const QuantMatmulSpec &spec);
/// The same words; tiles are rows, whose sums are written.
std::string emitQuantRowSums(KernelModule &kernels,
                             const QuantMatmulSpec &spec);

} // namespace llmc

#endif
