// SPDX-License-Identifier: Apache-2.0
// Normalization of rows, with the sums in front of it and behind it, and
// softmax, in f32; norms take and give halves too. A row's sums run over a
// fixed number of chains, so they depend on its length alone. Tiles are blocks
// of rows.
#ifndef LLMC_CODEGEN_CPU_KERNELS_NORM_H
#define LLMC_CODEGEN_CPU_KERNELS_NORM_H

#include "codegen/cpu/KernelBuilder.h"

namespace llmc {

/// y = x / sqrt(mean(x^2) + eps) * weight (+ bias) (+ residual)         rms
///   = (x - mean(x)) / sqrt(var(x) + eps) * weight (+ bias) (+ residual) layer
/// With an addend x is x + addend, rounded to its element, everywhere above.
struct NormSpec {
  enum Kind { Rms, Layer } kind = Rms;
  int64_t n = 0; ///< length of a row
  double epsilon = 1e-5;
  bool weight = true;
  bool bias = false;
  bool residual = false;
  bool addend = false;
  bool sum = false; ///< x + addend is a result too; needed where y has
                    ///< another element
  // f32, f16 or bf16; null: f32.
  mlir::Type element; ///< of x, the residual, the addend and the sum
  mlir::Type weightElement, biasElement, resultElement;

  std::string key() const;
};

/// Row r of x and y is at (r / inner) * outer stride + (r % inner) * inner
/// stride, so that the heads of a [tokens, heads, size] view inside wider rows
/// are rows; inner = 1 otherwise. Row r of the residual, the addend and the sum
/// is at r * n. Any of them may be the same memory where their strides and
/// types agree, but the sum and y.
enum NormArg : unsigned {
  NormX,
  NormWeight, ///< [n]
  NormBias,   ///< [n]
  NormResidual,
  NormY,
  NormRows,
  NormInner,
  NormXOuter,
  NormXInner,
  NormYOuter,
  NormYInner,
  NormAddend,
  NormSum,
  NormArgCount
};
std::string emitNorm(KernelModule &kernels, const NormSpec &spec);
/// 1 / sqrt(mean(x^2) + eps) as f32, for kernels that normalize what they read:
/// the same numbers as the norm's. load(i, mask) gives f32 lanes, 0 where
/// masked out.
mlir::Value
emitRmsScale(CodeBuilder &b, int64_t n, double epsilon,
             llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> load);
/// Number of tiles for `rows` rows.
mlir::Value normTiles(CodeBuilder &b, const NormSpec &spec, mlir::Value rows);

/// y = softmax(x) of each row (log: its logarithm), rows of dynamic length n; y
/// may be x. A row of -inf gives NaN.
enum SoftmaxArg : unsigned {
  SoftmaxX,
  SoftmaxY,
  SoftmaxRows,
  SoftmaxN,
  SoftmaxXStride,
  SoftmaxYStride,
  SoftmaxArgCount
};
std::string emitSoftmax(KernelModule &kernels, bool log = false);
/// One tile is one row.
inline mlir::Value softmaxTiles(CodeBuilder &, mlir::Value rows) {
  return rows;
}

} // namespace llmc

#endif
