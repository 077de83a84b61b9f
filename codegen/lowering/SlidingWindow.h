// SPDX-License-Identifier: Apache-2.0
// What the lowerings of convolutions and pools share: sliding windows at run
// time.
#pragma once

#include "codegen/ref/PlainKernel.h"

namespace llmc {

/// The call fails where a padded spatial axis of symbolic size is shorter than
/// the kernel that slides over it.
void failIfTooShort(EntryLowering &, const MemTensor &x, mlir::AffineMap before,
                    mlir::AffineMap after, llvm::ArrayRef<int64_t> kernel,
                    llvm::ArrayRef<int64_t> dilations);

/// The call fails where two sizes that must agree turn out to differ.
void requireEqual(EntryLowering &, llm::Dim, llm::Dim);

/// The steps of a kernel that lie inside an axis: k in [first, last) for the
/// window that starts at `start` (may be negative), step k at start + k *
/// dilation.
struct KernelRange {
  mlir::Value first, last;
};
KernelRange kernelInside(CodeBuilder &, mlir::Value start, mlir::Value size,
                         int64_t kernel, int64_t dilation);

/// Loops over all axes' ranges, innermost last; body(k per axis, carried)
/// returns what the next step carries.
Values nestRanges(CodeBuilder &, llvm::ArrayRef<KernelRange> ranges,
                  mlir::ValueRange inits,
                  llvm::function_ref<Values(Values &, mlir::ValueRange)> body);

/// "1,2,3;" for a kernel's key.
std::string numbersKey(llvm::ArrayRef<int64_t> numbers);

} // namespace llmc
