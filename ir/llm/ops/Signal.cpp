// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

LogicalResult DftOp::verify() {
  auto parts = fixedDim(dimsOf(getX()).back()),
       out = fixedDim(dimsOf(getResult()).back());
  bool realResult = getOnesided() && getInverse();
  if (rankOf(getX()) < 2 || rankOf(getX()) != rankOf(getResult()) || !parts ||
      *parts < 1 || *parts > 2 || out != (realResult ? 1 : 2)) // C1
    return emitOpError("needs real or complex numbers in the last dim");
  if (getLength().getNumResults() != 1) // C2
    return emitOpError("needs one length");
  return success();
}
