// SPDX-License-Identifier: Apache-2.0
// Kernels as plain loops over elements, any strides: what the reference target
// runs for everything, and what CPU targets run where no emitter covers an op.
// A body says how one element is made.
#pragma once

#include "codegen/cpu/Elements.h"
#include "codegen/lowering/EntryLowering.h"

namespace llmc {

/// A tensor operand of a plain kernel.
struct PlainTensor {
  MemTensor tensor;
  bool written = false;
};

/// The kernel's view of its operands while its body is written. Indices are i64
/// values, one per dim.
class PlainBody {
public:
  PlainBody(KernelBuilder &k, llvm::ArrayRef<PlainTensor> tensors,
            unsigned extras);
  KernelBuilder &k;

  mlir::Value dim(unsigned tensor, int64_t axis);
  mlir::Value extra(unsigned i); ///< i64
  /// In the type that is computed in: f32 for smaller floats, i1 for booleans,
  /// signless integers.
  mlir::Value load(unsigned tensor, mlir::ValueRange index);
  void store(mlir::Value value, unsigned tensor, mlir::ValueRange index);
  /// An element as it is, between tensors of one element type.
  void move(unsigned from, mlir::ValueRange source, unsigned to,
            mlir::ValueRange target);
  mlir::Value pointer(unsigned tensor);
  mlir::Type element(unsigned tensor);
  /// The kernel's status: stays LLMC_OK unless set.
  void fail(LlmcFail kind);
  mlir::Value status();

  /// Runs `each` for every index of the tensor's first `outer` dims in the
  /// range of tiles at hand.
  void forTiles(unsigned tensor, int64_t outer,
                llvm::function_ref<void(Values index)> each);
  /// The same for all elements: tiles are rows, the last dim is the inner loop.
  void forElements(unsigned tensor,
                   llvm::function_ref<void(Values index)> each);
  /// An index value made valid for a dim: negative ones count from the end;
  /// outside the dim it fails and gives 0.
  mlir::Value checkedIndex(mlir::Value index, mlir::Value size);

private:
  mlir::Value offset(unsigned tensor, mlir::ValueRange index);
  struct Operand {
    mlir::Type element;
    unsigned firstArg;
    int64_t rank;
    std::optional<int64_t> innerStride; ///< known to the kernel
  };
  llvm::SmallVector<Operand> operands;
  unsigned firstExtra = 0;
  mlir::Value statusCell;
};

using PlainEmit = llvm::function_ref<void(PlainBody &)>;

/// Launches a plain kernel with one tile per index of `tiles`' first `outer`
/// dims. `key` must tell apart everything that the body depends on besides the
/// operands' types and ranks.
void launchPlain(EntryLowering &, llvm::StringRef family, llvm::StringRef key,
                 llvm::ArrayRef<PlainTensor> tensors, mlir::ValueRange extras,
                 unsigned tiles, int64_t outer, PlainEmit emit);
/// One tile per row of the last dim (a scalar is one tile).
void launchPlain(EntryLowering &, llvm::StringRef family, llvm::StringRef key,
                 llvm::ArrayRef<PlainTensor> tensors, mlir::ValueRange extras,
                 unsigned tiles, PlainEmit emit);

/// Element by element, between tensors of one shape.
void plainCopy(EntryLowering &, MemTensor from, MemTensor to);

/// What loops over floats sum in: f64 on the reference target, f32 elsewhere.
mlir::Type sumType(EntryLowering &);

/// A key part for an element type as stored.
std::string typeKey(mlir::Type element);

} // namespace llmc
