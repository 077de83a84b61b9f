// SPDX-License-Identifier: Apache-2.0
// Weights as handles: where stored tensors come from, and the building of
// recipes. The compiler's driver implements WeightSource over the mapped model;
// the artifact writer evaluates recipes against it (codegen/artifact/Recipe.h).
#pragma once

#include "ir/llm/Dialect.h"

#include <span>

namespace llmc::llm {

/// Whether a tensor may be an `llm.constant`: its sizes are fixed and it is at
/// most 4 KiB large. Others are weights, or stay computed.
bool fitsConstant(mlir::RankedTensorType type);

/// The model's stored tensors by id. Bytes are little-endian, dense, in ONNX's
/// packing; valid as long as the source. Thread-safe after construction.
class WeightSource {
public:
  virtual ~WeightSource() = default;
  virtual size_t size() const = 0;
  virtual std::string name(size_t id) const = 0;
  virtual mlir::RankedTensorType type(mlir::MLIRContext *, size_t id) const = 0;
  /// May be unaligned. Throws InputError of the frontend if the stored data is
  /// broken.
  virtual std::span<const std::byte> bytes(size_t id) const = 0;
  /// To be called when the last byte was read: throws InputError of the
  /// frontend if the files behind the bytes changed since they were checked.
  virtual void requireUnchanged() const {}
};

RecipeAttr sourceRecipe(mlir::RankedTensorType type, int64_t id);
RecipeAttr denseRecipe(mlir::DenseElementsAttr);
RecipeAttr transposeRecipe(RecipeAttr, llvm::ArrayRef<int64_t> perm);
RecipeAttr reshapeRecipe(RecipeAttr, llvm::ArrayRef<int64_t> dims);
RecipeAttr sliceRecipe(RecipeAttr, llvm::ArrayRef<int64_t> starts,
                       llvm::ArrayRef<int64_t> steps,
                       llvm::ArrayRef<int64_t> sizes);
RecipeAttr concatRecipe(llvm::ArrayRef<RecipeAttr>, int64_t axis);
RecipeAttr castRecipe(RecipeAttr, mlir::Type element);
RecipeAttr scaleRecipe(RecipeAttr, double factor);
/// kind: add, sub, mul or div, NumPy broadcasting.
RecipeAttr binaryRecipe(llvm::StringRef kind, RecipeAttr, RecipeAttr);

/// The recipe behind a value that is an `llm.weight` or a fixed `llm.constant`,
/// else null.
RecipeAttr recipeOf(mlir::Value);

} // namespace llmc::llm
