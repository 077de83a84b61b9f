// SPDX-License-Identifier: Apache-2.0
// What the rules of quantized ops share (rules/Quant*.cpp).
#pragma once

#include "frontend/onnx/ConversionErrors.h"
#include "frontend/onnx/Rule.h"
#include "ir/llm/QuantOps.h"

namespace llmc::onnx {

/// Integers of at most 16 bits and floats of at most 8.
bool isQuantizedType(mlir::Type);
/// A vector of one element as a scalar: both mean one scale for everything.
mlir::Value scalarized(Binder &, mlir::Value);
/// All rules of the family.
void addQuantRules(RuleTable &);
/// The rules of rules/QuantContrib.cpp, QuantConv.cpp, QuantFloats.cpp and
/// QuantOps.cpp.
void addQuantContribRules(RuleTable &);
void addQuantConvRules(RuleTable &);
void addQuantFloatRules(RuleTable &);
void addQuantizedOpRules(RuleTable &);
/// Fails at the node where the op's verifier does.
template <typename OpTy> mlir::Value checked(Binder &b, OpTy op) {
  b.check(op);
  return op.getResult();
}
llm::DynamicQuantizeOp makeDynamicQuantize(Binder &, mlir::Value x);
// Parts of quantized weights.
mlir::Type unsignedType(Binder &, int64_t bits);
/// The recipe of an input that must be stored.
llm::RecipeAttr storedInput(Binder &, size_t i);
/// Integers packed along the last dim: dims with `width` elements there.
llm::RecipeAttr unpackedRecipe(llm::RecipeAttr bytes,
                               llvm::ArrayRef<int64_t> packedDims,
                               mlir::Type element, int64_t width);
/// One integer for everything.
llm::RecipeAttr splatRecipe(mlir::Type element, int64_t rank, int64_t value);
/// The exact product in i32; zero points may be null.
mlir::Value integerMatmul(Binder &, mlir::Value x, mlir::Value y,
                          mlir::Value xZero, mlir::Value yZero);
/// The product of integers as floats: scaled, with a bias that may be null.
mlir::Value scaledProduct(Binder &, mlir::Value product, mlir::Value xScale,
                          mlir::Value yScale, mlir::Value bias);

} // namespace llmc::onnx
