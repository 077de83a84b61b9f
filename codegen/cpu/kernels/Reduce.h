// SPDX-License-Identifier: Apache-2.0
// Reduction of the middle dimension of x [outer, reduced, inner], dense, to y
// [outer, inner]. The order of a sum depends on `reduced` and the target alone.
#ifndef LLMC_CODEGEN_CPU_KERNELS_REDUCE_H
#define LLMC_CODEGEN_CPU_KERNELS_REDUCE_H

#include "codegen/cpu/kernels/Elementwise.h"

namespace llmc {

struct ReduceSpec {
  enum Kind {
    Add,
    Mul,
    Max,
    Min
  } kind = Add; ///< Max and Min give NaN where there is one
  std::string
      key; ///< names pre and post with their constants; empty without them
  mlir::Type input, sum, output; ///< element types; `sum` is what is folded
  bool rows = true; ///< inner is 1 (the last dimensions are reduced); chosen
                    ///< when emitting
  /// input element(s) -> sum element(s); null: a conversion. Called several
  /// times.
  std::function<mlir::Value(CodeBuilder &, mlir::Value)> pre;
  /// (result, number of elements, both of type `sum`) -> output element(s);
  /// null: a conversion.
  std::function<mlir::Value(CodeBuilder &, mlir::Value, mlir::Value)> post;
};

enum ReduceArg : unsigned {
  ReduceX,
  ReduceY,
  ReduceOuter,
  ReduceReduced,
  ReduceInner,
  ReduceArgCount
};

TileCount reduceTiles(CodeBuilder &b, const ReduceSpec &spec, mlir::Value outer,
                      mlir::Value reduced, mlir::Value inner);
std::string emitReduce(KernelModule &kernels, const ReduceSpec &spec);

} // namespace llmc

#endif
