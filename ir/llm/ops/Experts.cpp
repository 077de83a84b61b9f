// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

LogicalResult ExpertsOp::verify() {
  if (rankOf(getX()) != 2 || rankOf(getRouting()) != 2) // C1
    return emitOpError("needs an input and a routing of rank 2");
  Dim width = dimsOf(getX())[1];
  auto experts = fixedDim(dimsOf(getRouting())[1]);
  if (!experts || *experts == 0)
    return emitOpError("needs a fixed number of experts");
  auto fixed = [](Value v, ArrayRef<Dim> dims) {
    if (!v)
      return true;
    Dims is = dimsOf(v);
    return is == Dims(dims) &&
           llvm::all_of(is, [](Dim d) { return bool(fixedDim(d)); });
  };
  auto isMatrix = [](Value v) {
    return rankOf(v) == 2 && fixedDim(dimsOf(v)[1]);
  };
  if (!isMatrix(getGate()) || !isMatrix(getDown()))
    return emitOpError("needs weights that are matrices of fixed sizes");
  Dim gateColumns = dimsOf(getGate())[1], downColumns = dimsOf(getDown())[1];
  int64_t columns = *fixedDim(gateColumns), outColumns = *fixedDim(downColumns);
  Dim count = constantDim(getContext(), *experts),
      inner = constantDim(getContext(), columns / *experts),
      out = constantDim(getContext(), outColumns / *experts);
  if (columns % *experts || outColumns % *experts ||
      !fixed(getGate(), {width, gateColumns}) ||
      !fixed(getUp(), {width, gateColumns}) ||
      !fixed(getDown(), {inner, downColumns}) ||
      !fixed(getGateBias(), {count, inner}) ||
      !fixed(getUpBias(), {count, inner}) ||
      !fixed(getDownBias(), {count, out}) || dimsOf(getResult())[1] != out)
    return emitOpError("has weights whose sizes don't agree");
  return success();
}
