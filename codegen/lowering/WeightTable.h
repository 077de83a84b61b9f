// SPDX-License-Identifier: Apache-2.0
// The weights of an artifact: recipe -> id, in the order of first use. All
// targets of a compilation share one table, so that their code shares one copy
// of the weights. One thread at a time.
#pragma once

#include "ir/llm/Weights.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

namespace llmc {

class WeightTable {
public:
  /// Looks through the module for weights that matmul kernels read packed, so
  /// that an embedding whose table is the transpose of one of them reads the
  /// packed copy.
  void scan(mlir::ModuleOp module);
  /// A matmul's weight [K, N] in panels of 16 columns
  /// (codegen/cpu/Panels.h).
  int64_t packed(llm::RecipeAttr weight);
  bool isPacked(llm::RecipeAttr weight) const {
    return panels.contains(weight);
  }
  /// Row-major, in its own element type.
  int64_t plain(llm::RecipeAttr weight);

  /// All recipes by id; packed ones are of kind "pack".
  llvm::ArrayRef<llm::RecipeAttr> recipes() const {
    return order.getArrayRef();
  }

private:
  llvm::SetVector<llm::RecipeAttr> order;
  llvm::DenseSet<mlir::Attribute> panels;
};

} // namespace llmc
