// SPDX-License-Identifier: Apache-2.0
// One loop nest over broadcast operands whose body the caller writes: chains of
// elementwise ops, casts, strided copies and transposes. An output element
// depends on its own operands alone, so an output may be the memory of an input
// that is read at the same elements.
#ifndef LLMC_CODEGEN_CPU_KERNELS_ELEMENTWISE_H
#define LLMC_CODEGEN_CPU_KERNELS_ELEMENTWISE_H

#include "codegen/cpu/KernelBuilder.h"
#include <functional>

namespace llmc {

struct MapOperand {
  /// How the operand moves along the innermost dimension.
  enum Inner { Contiguous, Broadcast, Strided };
  mlir::Type type; ///< element type; i1 is a byte in memory
  Inner inner = Contiguous;
};

struct MapSpec {
  std::string key;  ///< names the body with all its constants
  int64_t rank = 1; ///< of the collapsed iteration space, at least 1
  llvm::SmallVector<MapOperand> inputs,
      outputs; ///< outputs are never Broadcast
  /// Values of the inputs (vectors or scalars of their element types, all of
  /// one length) to those of the outputs. Called several times.
  std::function<Values(CodeBuilder &, mlir::ValueRange)> body;

  // The kernel's words: pointers of inputs, of outputs, dims[rank], then for
  // each input and output strides[rank] in elements. The innermost stride is
  // read only where the operand is Strided.
  unsigned inputArg(unsigned i) const { return i; }
  unsigned outputArg(unsigned i) const { return inputs.size() + i; }
  unsigned dimArg(unsigned d) const {
    return inputs.size() + outputs.size() + d;
  }
  unsigned strideArg(unsigned operand, unsigned d) const {
    return dimArg(rank) + operand * rank + d;
  }
  unsigned argCount() const {
    return strideArg(inputs.size() + outputs.size(), 0);
  }
};

struct TileCount {
  mlir::Value count, grain;
};

/// `dims` are the iteration space's sizes, outermost first.
TileCount mapTiles(CodeBuilder &b, mlir::ValueRange dims);
std::string emitMap(KernelModule &kernels, const MapSpec &spec);

} // namespace llmc

#endif
