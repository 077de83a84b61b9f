// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

LogicalResult ConvOp::verify() {
  int64_t rank = rankOf(getX()), spatial = rank - 2;
  auto perAxis = [&](size_t n) { return static_cast<int64_t>(n) == spatial; };
  if (spatial < 1 || !perAxis(getStrides().size()) ||
      !perAxis(getDilations().size()) ||
      !perAxis(getBefore().getNumResults()) ||
      !perAxis(getAfter().getNumResults()) ||
      llvm::any_of(
          getStrides(), [](int64_t s) { return s < 1; }) ||
      llvm::any_of(getDilations(), [](int64_t d) { return d < 1; })) // C1
    return emitOpError("needs pads, a stride and a dilation per spatial axis");
  if (rankOf(getFilters()) != rank || rankOf(getResult()) != rank) // C2
    return emitOpError("of operands of different ranks");
  Type element = elementOf(getX());
  if (elementOf(getFilters()) != element || elementOf(getResult()) != element ||
      (getBias() && elementOf(getBias()) != element)) // C3
    return emitOpError("of different element types");
  if (!isFixed(ArrayRef(dimsOf(getFilters())).drop_front(2))) // C4
    return emitOpError("of a kernel of symbolic size");
  return success();
}

LogicalResult Col2ImOp::verify() {
  int64_t spatial = rankOf(getResult()) - 2;
  auto perAxis = [&](size_t n) { return static_cast<int64_t>(n) == spatial; };
  if (spatial < 1 || !perAxis(getKernel().getNumResults()) ||
      !perAxis(getStrides().size()) || !perAxis(getDilations().size()) ||
      !perAxis(getBefore().getNumResults()) ||
      !perAxis(getWindows().getNumResults()) ||
      llvm::any_of(getStrides(), [](int64_t s) { return s < 1; })) // C1
    return emitOpError("needs windows, a kernel size, a pad, a stride and a "
                       "dilation per spatial axis");
  if (rankOf(getX()) != 4 || elementOf(getX()) != elementOf(getResult())) // C2
    return emitOpError("needs columns of rank 4 and the result's element type");
  return success();
}

LogicalResult DeformColumnsOp::verify() {
  if (getKernel().size() != 2 || getStrides().size() != 2 ||
      getDilations().size() != 2 || getBefore().getNumResults() != 2) // C1
    return emitOpError("needs two kernel sizes, pads, strides and dilations");
  if (rankOf(getX()) != 4 || rankOf(getOffsets()) != 4 ||
      rankOf(getResult()) != 5) // C2
    return emitOpError("of operands of unexpected rank");
  return success();
}
