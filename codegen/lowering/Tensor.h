// SPDX-License-Identifier: Apache-2.0
// A tensor in memory as the host program sees it while it is built: an address
// and sizes in i64 values. Views (slices, transposes, broadcasts) are the same
// memory with other sizes and strides.
#pragma once

#include "ir/llm/Shape.h"

namespace llmc {

struct MemTensor {
  mlir::Value base;   ///< !llvm.ptr of element [0, 0, ...]
  mlir::Type element; ///< MLIR's element type, signedness included
  llm::Dims shape;    ///< symbolic dims
  llvm::SmallVector<mlir::Value> dims;    ///< i64
  llvm::SmallVector<mlir::Value> strides; ///< i64, in elements
  bool contiguous = true;                 ///< row-major without gaps

  int64_t rank() const { return dims.size(); }
};

} // namespace llmc
