// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

/// Whether the interpolation takes elements of that type.
static bool takes(Interpolation mode, Type element) {
  return mode == Interpolation::Nearest || isa<FloatType>(element);
}

LogicalResult ResampleOp::verify() {
  Dims from = dimsOf(getX()), to = dimsOf(getResult());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= static_cast<int64_t>(from.size()) ||
      from.size() != to.size() || elementOf(getX()) != elementOf(getResult()))
    return emitOpError("changes the rank or the element type"); // C1
  if (!takes(getMode(), elementOf(getX())))                     // C2
    return emitOpError("of integers is nearest alone");
  if ((getCoordinates() == Coordinates::CropAndResize) != bool(getRoi())) // C3
    return emitOpError("needs a roi for tf_crop_and_resize alone");
  return success();
}

LogicalResult GridSampleOp::verify() {
  int64_t rank = rankOf(getX());
  if (rank < 3 || rankOf(getGrid()) != rank || rankOf(getResult()) != rank ||
      fixedDim(dimsOf(getGrid()).back()) != rank - 2) // C1
    return emitOpError("needs one coordinate per spatial axis");
  if (!takes(getMode(), elementOf(getX()))) // C2
    return emitOpError("of integers is nearest alone");
  return success();
}
