// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

/// C1: parameters broadcast along the last dim only.
static LogicalResult verifyWidth(Operation *op, Value x, Value parameter) {
  if (!parameter)
    return success();
  auto type = cast<RankedTensorType>(parameter.getType());
  auto width = fixedDim(dimsOf(x).back());
  if (!type.hasStaticShape() || !width || type.getNumElements() != *width ||
      type.getShape().back() != *width)
    return op->emitOpError("needs parameters of the last dim's size");
  return success();
}

LogicalResult RmsNormOp::verify() {
  if (getResidual() && getResidual().getType() != getX().getType()) // C2
    return emitOpError("needs a residual of its operand's type");
  return verifyWidth(*this, getX(), getWeight());
}

LogicalResult LayerNormOp::verify() {
  if (failed(verifyWidth(*this, getX(), getWeight())))
    return failure();
  return verifyWidth(*this, getX(), getBias());
}

LogicalResult AddNormOp::verify() {
  Type type = getX().getType();
  if (getAddend().getType() != type || getSum().getType() != type ||
      dimsOf(getResult()) != dimsOf(getX())) // C1
    return emitOpError("needs operands and a sum of one type, and a result of "
                       "their shape");
  if (getBias() && !getCentered()) // C2
    return emitOpError("has a bias, which only centered norms have");
  if (failed(verifyWidth(*this, getX(), getWeight())))
    return failure();
  return verifyWidth(*this, getX(), getBias());
}

LLMC_INFER(SoftmaxOp, {
  out.push_back(op.getX().getType());
  return success();
})
