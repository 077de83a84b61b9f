// SPDX-License-Identifier: Apache-2.0
// Normalization of rows, with the residual addition before it, and softmax.
// f32. A row's sums run over a fixed number of chains, so they depend on its
// length alone. Tiles are blocks of rows.
#ifndef LLMC_CODEGEN_CPU_KERNELS_NORM_H
#define LLMC_CODEGEN_CPU_KERNELS_NORM_H

#include "codegen/cpu/KernelBuilder.h"

namespace llmc {

/// s = x (+ skip) (+ skipBias);  y = s / sqrt(mean(s^2) + eps) * weight (+
/// bias)          rms
///                               y = (s - mean(s)) / sqrt(var(s) + eps) *
///                               weight (+ bias)  layer
struct NormSpec {
  enum Kind { Rms, Layer } kind = Rms;
  int64_t n = 0; ///< length of a row
  double epsilon = 1e-5;
  bool weight = true;
  bool bias = false;
  bool skip = false;
  bool skipBias = false;
  bool writeSum = false; ///< s is an output too

  std::string key() const;
};

/// Row r of x and y is at (r / inner) * outer stride + (r % inner) * inner
/// stride, so that the heads of a [tokens, heads, size] view inside wider rows
/// are rows; inner = 1 otherwise. skip and sum: row r is at r * stride. x, y,
/// skip and sum may be the same memory where their strides agree.
enum NormArg : unsigned {
  NormX,
  NormSkip,
  NormSkipBias, ///< f32 [n]
  NormWeight,   ///< f32 [n]
  NormBias,     ///< f32 [n]
  NormY,
  NormSum,
  NormRows,
  NormInner,
  NormXOuter,
  NormXInner,
  NormYOuter,
  NormYInner,
  NormSkipStride,
  NormSumStride,
  NormArgCount
};
std::string emitNorm(KernelModule &kernels, const NormSpec &spec);
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
