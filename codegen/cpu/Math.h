// SPDX-License-Identifier: Apache-2.0
// Elementary functions as ops: no library calls, the same formula on scalars
// and vectors, so that a tail gives the bits of the main loop. Unless said
// otherwise the element type is f32 and the error is below 2 ULP; infinities
// and NaN behave as in C. Coefficients are minimax fits made for this file.
#ifndef LLMC_CODEGEN_CPU_MATH_H
#define LLMC_CODEGEN_CPU_MATH_H

#include "codegen/cpu/CodeBuilder.h"
#include <utility>

namespace llmc {

/// f32 or f64.
mlir::Value emitExp(CodeBuilder &k, mlir::Value x);
/// exp for x <= 0 where results below 2^-126 may become 0 (softmax): two
/// instructions less.
mlir::Value emitExpNonPositive(CodeBuilder &k, mlir::Value x);
/// 2^x for x <= 0 where results below 2^-126 may become anything as small:
/// shorter still. 0 from -127 on.
mlir::Value emitExp2NonPositive(CodeBuilder &k, mlir::Value x);
mlir::Value emitTanh(CodeBuilder &k, mlir::Value x);
mlir::Value emitErf(CodeBuilder &k, mlir::Value x);
/// 1 / (1 + exp(-x))
mlir::Value emitSigmoid(CodeBuilder &k, mlir::Value x);
/// x * sigmoid(x)
mlir::Value emitSilu(CodeBuilder &k, mlir::Value x);
/// x * (1 + erf(x / sqrt 2)) / 2; no cancellation for negative x.
mlir::Value emitGelu(CodeBuilder &k, mlir::Value x);
/// x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2, as x * sigmoid(2 u).
mlir::Value emitGeluTanh(CodeBuilder &k, mlir::Value x);

// f32 or f64. f32 is computed in double and rounded once. sin, cos and tan
// reduce their argument with three words of pi, good to |x| < 2^30.
mlir::Value emitLog(CodeBuilder &k, mlir::Value x);
mlir::Value emitLog1p(CodeBuilder &k, mlir::Value x);
mlir::Value emitSin(CodeBuilder &k, mlir::Value x);
mlir::Value emitCos(CodeBuilder &k, mlir::Value x);
/// Both at the price of one; (sin, cos).
std::pair<mlir::Value, mlir::Value> emitSinCos(CodeBuilder &k, mlir::Value x);
mlir::Value emitTan(CodeBuilder &k, mlir::Value x);
mlir::Value emitAsin(CodeBuilder &k, mlir::Value x);
mlir::Value emitAcos(CodeBuilder &k, mlir::Value x);
mlir::Value emitAtan(CodeBuilder &k, mlir::Value x);
mlir::Value emitSinh(CodeBuilder &k, mlir::Value x);
mlir::Value emitCosh(CodeBuilder &k, mlir::Value x);
mlir::Value emitAsinh(CodeBuilder &k, mlir::Value x);
mlir::Value emitAcosh(CodeBuilder &k, mlir::Value x);
mlir::Value emitAtanh(CodeBuilder &k, mlir::Value x);
mlir::Value emitPow(CodeBuilder &k, mlir::Value x, mlir::Value y);
/// log(1 + e^x)
mlir::Value emitSoftplus(CodeBuilder &k, mlir::Value x);

/// What a kernel's epilogue can apply.
enum class Activation { None, Relu, Silu, Gelu, GeluTanh, Tanh, Sigmoid };
const char *activationName(Activation activation);
/// Factors around an activation as a part of a kernel's key; empty for ones.
std::string factorsKey(double scale, double gain);
/// gain * activation(scale * x)
mlir::Value emitActivation(CodeBuilder &k, Activation activation, mlir::Value x,
                           double scale = 1, double gain = 1);

/// c[0] + c[1] x + c[2] x^2 + ..., by Horner's rule with fma.
mlir::Value emitPolynomial(CodeBuilder &k, mlir::Value x,
                           llvm::ArrayRef<double> coefficients);

} // namespace llmc

#endif
