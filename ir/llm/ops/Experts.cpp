// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

LogicalResult ExpertsOp::verify() {
  auto fixed = [](Value v, ArrayRef<Dim> dims) { // C1
    if (!v)
      return true;
    Dims is = dimsOf(v);
    return is == Dims(dims) &&
           llvm::all_of(is, [](Dim d) { return bool(fixedDim(d)); });
  };
  if (rankOf(getX()) != 2 || rankOf(getRouting()) != 2 ||
      rankOf(getGate()) != 3 || rankOf(getDown()) != 3)
    return emitOpError("needs matrices, and weights of rank 3");
  Dim width = dimsOf(getX())[1], experts = dimsOf(getRouting())[1],
      inner = dimsOf(getGate())[2], out = dimsOf(getDown())[2];
  if (!fixed(getGate(), {experts, width, inner}) ||
      !fixed(getUp(), {experts, width, inner}) ||
      !fixed(getDown(), {experts, inner, out}) ||
      !fixed(getGateBias(), {experts, inner}) ||
      !fixed(getUpBias(), {experts, inner}) ||
      !fixed(getDownBias(), {experts, out}))
    return emitOpError("has weights whose sizes don't agree");
  return success();
}
