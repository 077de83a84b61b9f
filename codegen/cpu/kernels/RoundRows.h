// SPDX-License-Identifier: Apache-2.0
// Rows of floats rounded to signed bytes, by their own range or by a scale that
// is known, as llm.IntegerRoundingAttr says, for kernels/RoundedMatmul.h. A
// tile is a row.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ROUNDROWS_H
#define LLMC_CODEGEN_CPU_KERNELS_ROUNDROWS_H

#include "codegen/cpu/KernelBuilder.h"
#include "codegen/cpu/kernels/IntegerDot.h"

namespace llmc {

/// How rounded rows lie in memory. A row's last group and block may be shorter.
struct RoundedRows {
  int64_t k = 0;                 ///< elements of a row
  int64_t group = 0;             ///< elements that share a scale: whole blocks
  int64_t block = 0;             ///< elements that share a sum
  DotForm form = DotForm::Bytes; ///< how bytes are stored (dotRow)
  /// What the sums of a block's bytes are multiplied by.
  int64_t factor = 1;
  bool fixedScale = false; ///< one of all groups, that RoundRowsScale says
  int64_t rotation = 0;    ///< elements that are rotated first (Rotate.h)

  int64_t groups() const { return (k + group - 1) / group; }
  int64_t blocks() const { return (k + block - 1) / block; }
  /// Bytes from row to row, zeros beyond K: whole lines, an odd number of them,
  /// so that rows are not all in one cache set.
  int64_t stride() const;
  std::string key() const;
};

/// most / 127, NaN for what is not finite: then all results are.
mlir::Value roundingScale(CodeBuilder &k, mlir::Value most);
/// 127 / most, or 0 for rows of zeros.
mlir::Value inverseScale(CodeBuilder &k, mlir::Value most);
/// x within the range of bytes of this scale; NaN as either end of it.
mlir::Value inByteRange(CodeBuilder &k, mlir::Value x, mlir::Value scale);
/// x * inverse, of magnitudes up to 2^21, to the nearest integer, half to even,
/// as i32; where a factor is not finite, anything.
mlir::Value roundedToByte(CodeBuilder &k, mlir::Value x, mlir::Value inverse);

enum RoundRowsArg : unsigned {
  RoundRowsX,      ///< [M, K], rows ldx apart
  RoundRowsQ,      ///< round_half_even(x * 127 / max |x|), rows stride() apart
  RoundRowsScales, ///< f32 [M, groups]: max |x| / 127, NaN where an x is
  RoundRowsSums,   ///< i32 [M, blocks]
  RoundRowsLdx,
  RoundRowsScale, ///< f32: that of all groups, where it is fixed
  RoundRowsArgCount
};
/// `element` of x: f32, f16 or bf16; null: f32.
std::string emitRoundRows(KernelModule &kernels, const RoundedRows &rows,
                          mlir::Type element);

} // namespace llmc

#endif
