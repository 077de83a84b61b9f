// SPDX-License-Identifier: Apache-2.0
// Matrix multiplication by a packed weight, with its epilogue:
//   C[M, N] = gain * act(scale * (A[M, K] * W + bias)) + residual
// or, gated,
//   C[M, N] = act(A * Wgate + biasGate) * (A * Wup + biasUp) + residual.
// W is panels of f32, f16 or bf16 (codegen/cpu/Panels.h), or a quantized
// matrix, whose blocks of K are unpacked to panels of f32 first, or, with rows
// of A that are rounded to bytes, multiplied as it is (kernels/RoundedTile.h),
// where sums are integers for each block of K of one scale. All other operands
// are f32, f16 or bf16, each by itself; what is computed is f32, rounded once
// where it is stored. M is dynamic and may be 0. An element's sum is one chain
// of fma, or of dot products of pairs of bf16, per block of matmulBlockK steps
// of K, the blocks added in order, whatever M, the tile or the range is.
#ifndef LLMC_CODEGEN_CPU_KERNELS_MATMUL_H
#define LLMC_CODEGEN_CPU_KERNELS_MATMUL_H

#include "codegen/cpu/KernelBuilder.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/kernels/Quant.h"

namespace llmc {

/// Steps of K in one fma chain.
inline constexpr int64_t matmulBlockK = 256;

struct MatmulSpec {
  int64_t n = 0; ///< columns of the result
  int64_t k = 0; ///< columns of A; 0 gives act(bias) + residual
  /// How far apart the rows of A are, where that is known: then an A of f32 or
  /// of pairs is read in place, else it is packed. 0: MatmulLda says.
  int64_t lda = 0;
  /// A and W are bf16 and are multiplied pair by pair (CodeBuilder::dotPairs).
  bool pairs = false;
  bool bias = false;
  bool residual = false;
  bool gated = false;
  Activation activation = Activation::None; ///< in the gated form, of the gate
  double scale = 1, gain = 1;               ///< 1 in the gated form
  QuantizedFormat weight, up; ///< how W and, in the gated form, W_up are stored
  /// A is rows of roundedLayout(weight, rounding), `rounding` elements of which
  /// share a scale; takesRoundedRows of both weights, of one format. 0: floats.
  int64_t rounding = 0;
  /// Element types; null is f32. In the gated form both weights and both biases
  /// have one.
  mlir::Type typeA, typeW, typeBias, typeResidual, typeC;

  std::string key() const;
  int64_t panels() const;
  /// Whether A is not packed first.
  bool readsInPlace() const;
};

/// The largest tile, which sizes the kernel's stack buffers: a block of A stays
/// in L2.
inline constexpr int64_t matmulMostRows = 192, matmulMostPanels = 8;

/// The kernel's words. Strides are in elements. Words of parts that the spec
/// lacks are ignored.
enum MatmulArg : unsigned {
  MatmulA,        ///< [M, K], rows lda apart, but for rounded ones
  MatmulW,        ///< packed weight; the gate's in the gated form
  MatmulUp,       ///< gated: packed weight of the second factor
  MatmulBias,     ///< [N]; the gate's in the gated form
  MatmulBiasUp,   ///< gated: [N]
  MatmulResidual, ///< [M, N], rows ldr apart; may be C itself
  MatmulC,        ///< [M, N], rows ldc apart; must not overlap A
  MatmulM,
  MatmulLda,
  MatmulLdc,
  MatmulLdr,
  MatmulTileRows,   ///< from matmulGrid
  MatmulTilePanels, ///< from matmulGrid
  MatmulScales,     ///< quantized: scales of W
  MatmulZeros,      ///< quantized: zero points of W
  MatmulUpScales,   ///< quantized: scales of W_up
  MatmulUpZeros,    ///< quantized: zero points of W_up
  MatmulRowScales,  ///< rounded: scales of A
  MatmulRowSums,    ///< rounded: sums of A
  MatmulArgCount
};

/// How a host program cuts the work: `count` tiles of tileRows x tilePanels,
/// runs of at least `grain` tiles at once.
struct MatmulGrid {
  mlir::Value count, grain, tileRows, tilePanels;
};

/// Emits arithmetic on i64 values; `workers` is LlmcContext.workers.
MatmulGrid matmulGrid(CodeBuilder &b, const MatmulSpec &spec, mlir::Value m,
                      mlir::Value workers);

/// The kernel's symbol.
std::string emitMatmul(KernelModule &kernels, const MatmulSpec &spec);

} // namespace llmc

#endif
