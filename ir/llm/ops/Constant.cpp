// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

LogicalResult WeightOp::verify() {
  if (getRecipe().getType() != getType()) // C1
    return emitOpError("has the recipe of a ") << getRecipe().getType();
  return success();
}

LogicalResult DimsOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  if (!type.hasStaticShape() ||
      type.getNumElements() != getValues().getNumResults()) // C1
    return emitOpError("needs one expression per element");
  unsigned width = type.getElementTypeBitWidth();
  if (width != 32 && width != 64) // C2
    return emitOpError("needs integers of 32 or 64 bits");
  return success();
}

OpFoldResult DimsOp::fold(FoldAdaptor) {
  if (!isFixed(getValues().getResults()))
    return {};
  auto type = cast<RankedTensorType>(getType());
  SmallVector<APInt> values;
  for (Dim d : getValues().getResults())
    values.push_back(APInt(type.getElementTypeBitWidth(), *fixedDim(d), true));
  return DenseElementsAttr::get(type, values);
}

LogicalResult BindDimOp::verify() {
  auto type = getValue().getType();
  int64_t index = getIndex();
  if (!type.hasStaticShape() || index < 0 || index >= type.getNumElements() ||
      (type.getElementTypeBitWidth() < 8 &&
       !type.getElementType().isInteger(1)))
    return emitOpError("needs an element ") << index << " of its operand"; // C1
  auto module = (*this)->getParentOfType<ModuleOp>();
  if (!module)
    return success();
  Symbols symbols(module);
  if (getSymbol() >= symbols.size() || symbols.kind(getSymbol()) != "data")
    return emitOpError("binds a symbol that is not one of data"); // C2
  return success();
}

LogicalResult CheckSizesOp::verify() {
  if (getPairs().getNumResults() % 2) // C1
    return emitOpError("needs pairs of sizes");
  return success();
}
