// SPDX-License-Identifier: Apache-2.0
// The rules and the products with stored weights that this phase works on. Pure
// functions over the IR.
#pragma once

#include "ir/llm/Dialect.h"
#include "passes/WeightStore.h"
#include "passes/quantize/Spec.h"

namespace llmc::quantize {

/// The rules that a pass is given; what is wrong with them is said at the op.
mlir::FailureOr<QuantizeSpec> specOf(mlir::Operation *, llvm::StringRef text);

/// llm.linear or llm.gated_linear; rotations are none of ours.
struct Product {
  mlir::Operation *op;
  llvm::SmallVector<mlir::OpOperand *, 2> weights; ///< [K, N], stored
  /// Whether only elementwise ops and views stand between it and the results of
  /// the function: it makes the logits.
  bool isHead;

  mlir::Value input() const { return op->getOperand(0); }
};

/// In the order of the program.
llvm::SmallVector<Product> productsOf(mlir::ModuleOp);

/// Names of stored tensors below a recipe, in order; none without a store.
void addNames(llm::RecipeAttr, const passes::WeightStore *,
              std::vector<std::string> &names);
/// The names that a user knows a product by: its node's, its weights'.
std::vector<std::string> namesOf(const Product &, const passes::WeightStore *);

/// Whether statistics can be had of a product's input.
bool isObservable(mlir::Value input);

/// Whether a recipe is, or is computed of, quantized numbers.
bool isQuantized(llm::RecipeAttr);
/// A tensor of floats that nothing has quantized.
bool isPlain(llm::RecipeAttr);
/// Makes the operand read another stored tensor.
void setWeight(mlir::OpOperand &operand, llm::RecipeAttr recipe);

/// Lets attention over keys of the same step round what it multiplies to bf16,
/// as encoders have it. Over caches one step's numbers would be dearer.
void roundAttention(mlir::ModuleOp);

/// Sets how the product's input is rounded.
void setRounding(const Product &, llm::IntegerRoundingAttr);
bool hasRounding(const Product &);

/// Undoes changes of products' weights, and the rounding of what such products
/// read; tables stay what they became.
void restoreWeights(mlir::ModuleOp,
                    llvm::ArrayRef<passes::WeightChange> changes);

} // namespace llmc::quantize
