// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

LogicalResult RoiAlignOp::verify() {
  if (rankOf(getX()) != 4 || rankOf(getBoxes()) != 2 ||
      rankOf(getImages()) != 1 || rankOf(getResult()) != 4 ||
      fixedDim(dimsOf(getBoxes())[1]) != 4) // C1
    return emitOpError("needs images, regions of four numbers and an image "
                       "number per region");
  return success();
}

LogicalResult NonMaxSuppressionOp::verify() {
  if (rankOf(getBoxes()) != 3 || rankOf(getScores()) != 3 ||
      fixedDim(dimsOf(getBoxes())[2]) != 4) // C1
    return emitOpError(
        "needs boxes [batch, n, 4] and scores [batch, classes, n]");
  return success();
}
