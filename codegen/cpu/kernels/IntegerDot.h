// SPDX-License-Identifier: Apache-2.0
// Products of signed bytes by weights of a few bits, four of them added in each
// 32-bit lane, as each target does that best. A vector of weights is a quad of
// bytes per lane; what they are multiplied by is one quad for all lanes.
#ifndef LLMC_CODEGEN_CPU_KERNELS_INTEGERDOT_H
#define LLMC_CODEGEN_CPU_KERNELS_INTEGERDOT_H

#include "codegen/cpu/CodeBuilder.h"

namespace llmc {

enum class DotForm {
  Bytes,  ///< four products of bytes at once
  Pairs,  ///< x86: two products of narrow weights, added in 16 bits for a while
  Halves, ///< x86: both sides widened to 16 bits
};
/// For weights of 2, 4 or 8 bits.
DotForm dotForm(const CpuTarget &target, unsigned bits);
/// Whether weights are taken as unsigned bytes, else as signed ones. Those
/// below 128 are both.
bool dotsUnsigned(const CpuTarget &target, unsigned bits);
/// Quads that a sum takes in DotForm::Pairs before 16 bits may overflow: a
/// power of 2.
int64_t dotQuads(unsigned bits);

/// Vectors of one operand: a quad, or in DotForm::Halves two pairs of 16 bits.
using DotOperand = llvm::SmallVector<mlir::Value, 2>;
DotOperand dotWeights(CodeBuilder &k, DotForm form, mlir::Value quads);
/// A quad in memory, for all lanes: 4 bytes, or in DotForm::Halves 4 times 16
/// bits in the order 0, 2, 1, 3.
DotOperand dotRow(CodeBuilder &k, DotForm form, mlir::Value quads,
                  mlir::Value index);
/// sum + the products, of i32; in DotForm::Pairs of twice as many i16.
mlir::Value dotAdd(CodeBuilder &k, DotForm form, mlir::Value sum,
                   const DotOperand &weights, const DotOperand &row);
/// Sums of DotForm::Pairs in 32 bits.
mlir::Value dotWiden(CodeBuilder &k, mlir::Value pairs);

/// Whether DotForm::Bytes has an instruction for two columns by two rows, eight
/// products each: emitSquare. `columns` is bytes [2][8] as dotsUnsigned says,
/// `rows` signed bytes [2][8]; sums are i32 [column][row].
bool dotsSquares(const CpuTarget &target);
mlir::Value emitSquare(CodeBuilder &k, mlir::Value sum, mlir::Value columns,
                       mlir::Value rows);

/// sum + the four products of every 32-bit lane: bytes, unsigned as
/// dotsUnsigned says of 8 bits, by signed ones. On every target.
mlir::Value emitDot4(CodeBuilder &k, mlir::Value sum, mlir::Value weights,
                     mlir::Value signedBytes);

} // namespace llmc

#endif
