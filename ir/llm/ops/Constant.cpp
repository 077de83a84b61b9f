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
