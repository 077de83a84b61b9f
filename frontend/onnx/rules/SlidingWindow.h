// SPDX-License-Identifier: Apache-2.0
// Windows that slide over spatial axes: the attributes that convolutions and
// pools share, checked, and the sizes that follow from them.
#pragma once

#include "frontend/onnx/rules/Terms.h"

namespace llmc::onnx {

/// Kernel sizes, strides and the like are below this, so that products of two
/// don't overflow.
inline constexpr int64_t kMaxWindow = int64_t(1) << 31;

struct Window {
  llvm::SmallVector<int64_t> kernel, strides, dilations;
  llm::Dims before, after; ///< pads
  llm::Dims out;           ///< sizes of the result
  int64_t rank() const { return kernel.size(); }
  /// Elements that the kernel spans along an axis.
  int64_t span(int64_t axis) const {
    return (kernel[axis] - 1) * dilations[axis] + 1;
  }
  llvm::SmallVector<mlir::NamedAttribute> attributes(Binder &) const;
};

/// One integer of at least `least` per spatial axis, `otherwise` where absent.
llvm::SmallVector<int64_t> perAxis(Binder &, llvm::StringRef name, int64_t rank,
                                   int64_t least, int64_t otherwise);
/// The attribute kernel_shape, which the sizes of stored filters must agree
/// with, if given.
llvm::SmallVector<int64_t> kernelShape(Binder &, int64_t rank,
                                       llvm::ArrayRef<llm::Dim> filters = {});
/// Input i, filters, with the kernel's sizes in its type.
mlir::Value filtersOf(Binder &, size_t i, llvm::ArrayRef<int64_t> kernel);
/// Strides, dilations, pads and auto_pad of the node for a kernel that slides
/// over axes of sizes `in`.
Window slidingWindow(Binder &, llvm::ArrayRef<llm::Dim> in,
                     llvm::ArrayRef<int64_t> kernel, bool roundUp = false);
/// A symbol for a scalar of integers that sizes are divided by: the call fails
/// where it is not above 0.
llm::Dim bindDivisor(Binder &, mlir::Value scalar, llvm::StringRef hint);
/// A list of sizes that an input holds, known or bound to symbols.
llm::Dims sizesIn(Binder &, size_t input, llvm::StringRef hint,
                  bool asDivisors = false);
/// The dims behind batch and channels.
llm::Dims spatialDims(Binder &, size_t input);

/// The averages of x's windows; x has the sizes of input 0.
mlir::Value averagePool(Binder &, mlir::Value x);

} // namespace llmc::onnx
