// SPDX-License-Identifier: Apache-2.0
// Convolution of f32 tensors [batch, groups * channels, D, H, W] with filters
// [groups * filters, channels, KD, KH, KW]: per image and group the product of
// the filters with a matrix whose columns are the windows. Blocks of that
// matrix are built on the stack, never as a whole. An element's sum is one fma
// chain per block of matmulBlockK steps of (channel, kernel...), as in the
// matmul kernel. Fewer spatial dims are leading ones of size 1.
#ifndef LLMC_CODEGEN_CPU_KERNELS_CONV_H
#define LLMC_CODEGEN_CPU_KERNELS_CONV_H

#include "codegen/cpu/KernelBuilder.h"
#include "codegen/cpu/Math.h"

namespace llmc {

inline constexpr int64_t convAxes = 3;

struct ConvSpec {
  int64_t strideW = 1; ///< of the last axis: it shapes the inner loops
  bool bias = false;
  Activation activation = Activation::None;
};

/// The kernel's words; those from ConvIn on are three each: D, H, W.
enum ConvArg : unsigned {
  ConvX,
  ConvFilters,
  ConvBias, ///< f32 [groups * filters]; ignored without one
  ConvOut,  ///< f32 [batch, groups * filters, OD, OH, OW]
  ConvGroups,
  ConvChannels, ///< of one group
  ConvRows,     ///< filters of one group
  ConvIn,       ///< sizes of x
  ConvOutSizes = ConvIn + convAxes,
  ConvKernel = ConvOutSizes + convAxes,
  ConvStrides = ConvKernel + convAxes,
  ConvDilations = ConvStrides + convAxes,
  ConvBefore = ConvDilations + convAxes, ///< pads
  ConvArgCount = ConvBefore + convAxes
};

struct ConvGrid {
  mlir::Value count, grain;
};
/// Tiles for `images` = batch * groups; the other values as in the arguments.
ConvGrid convGrid(CodeBuilder &, mlir::Value images, mlir::Value rows,
                  mlir::Value columns, mlir::Value depth);

/// The kernel's symbol. For targets with vectors.
std::string emitConv(KernelModule &kernels, const ConvSpec &spec);

} // namespace llmc

#endif
