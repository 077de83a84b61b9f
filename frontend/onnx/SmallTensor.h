// SPDX-License-Identifier: Apache-2.0
// Index arithmetic on small tensors of fixed shape, for the evaluation of
// contents. Pure functions.
#pragma once

#include "frontend/onnx/Content.h"

namespace llmc::onnx {

using Shape = llvm::SmallVector<int64_t>;

int64_t elementsOf(llvm::ArrayRef<int64_t> shape);
/// Elements between neighbours along each axis, row-major.
Shape stridesOf(llvm::ArrayRef<int64_t> shape);
/// The same content in another order or with repetition: element i of the
/// result is element source[i].
Content picked(const Content &, llvm::ArrayRef<int64_t> source);
/// For each element of `shape`, the element of a tensor of shape `from` that
/// broadcasts to it.
llvm::SmallVector<int64_t> broadcastSource(llvm::ArrayRef<int64_t> from,
                                           llvm::ArrayRef<int64_t> shape);
/// For each element of a view: first + sum of index * stride.
llvm::SmallVector<int64_t> stridedSource(llvm::ArrayRef<int64_t> shape,
                                         llvm::ArrayRef<int64_t> strides,
                                         int64_t first);
/// NumPy's; nothing if they don't fit.
std::optional<Shape> broadcastShape(llvm::ArrayRef<int64_t> a,
                                    llvm::ArrayRef<int64_t> b);

/// Rounded to what the float type holds.
double roundedTo(mlir::Type element, double value);

} // namespace llmc::onnx
