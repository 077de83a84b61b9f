// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

LLMC_INFER(DetOp, {
  Dims dims = dimsOf(op.getX());
  size_t rank = dims.size();
  if (rank < 2 || (isFixed({dims[rank - 2], dims[rank - 1]}) &&
                   dims[rank - 2] != dims[rank - 1]))
    return emitOptionalError(loc, "needs square matrices");
  dims.truncate(rank - 2);
  out.push_back(tensorType(ctx, dims, elementOf(op.getX())));
  return success();
})

LLMC_INFER(MatmulOp, {
  Dims a = dimsOf(op.getA());
  Dims b = dimsOf(op.getB());
  if (a.empty() || b.empty() ||
      elementOf(op.getA()) != elementOf(op.getB())) // C1
    return emitOptionalError(
        loc, "needs operands of rank 1 or more and equal element types");
  bool row = a.size() == 1;
  bool column = b.size() == 1;
  if (row)
    a.insert(a.begin(), constantDim(ctx, 1));
  if (column)
    b.push_back(constantDim(ctx, 1));
  auto k = fixedDim(a.back());
  auto l = fixedDim(b[b.size() - 2]);
  if (k && l && *k != *l) // C2
    return emitOptionalError(loc, "inner sizes differ: ", *k, " and ", *l);
  ModuleOp module = moduleOf(op.getA());
  std::optional<Symbols> symbols;
  if (module)
    symbols.emplace(module);
  auto dims = broadcastDims(ArrayRef(a).drop_back(2), ArrayRef(b).drop_back(2),
                            symbols ? &*symbols : nullptr);
  if (failed(dims))
    return emitOptionalError(loc, "batch dims that don't broadcast");
  if (!row)
    dims->push_back(a[a.size() - 2]);
  if (!column)
    dims->push_back(b.back());
  out.push_back(tensorType(ctx, *dims, elementOf(op.getA())));
  return success();
})

/// C1 and C2 of the ops that multiply by stored weights: x [..., K], weight [K,
/// N].
static LogicalResult verifyWeight(Operation *op, Value x, Value weight) {
  auto type = cast<RankedTensorType>(weight.getType());
  if (type.getRank() != 2 || !type.hasStaticShape())
    return op->emitOpError("needs a weight of two fixed dims");
  auto k = fixedDim(dimsOf(x).back());
  if (k && *k != type.getDimSize(0))
    return op->emitOpError("multiplies rows of ")
           << *k << " by a weight for " << type.getDimSize(0);
  return success();
}

LogicalResult LinearOp::verify() {
  return verifyWeight(*this, getX(), getWeight());
}

LogicalResult GatedLinearOp::verify() {
  if (getGate().getType() != getUp().getType()) // C1
    return emitOpError("needs gate and up of one shape");
  return verifyWeight(*this, getX(), getGate());
}

LogicalResult GatedMlpOp::verify() {
  if (getGate().getType() != getUp().getType() ||
      bool(getGateBias()) != bool(getUpBias())) // C1
    return emitOpError(
        "needs gate and up of one shape, with both biases or none");
  return verifyWeight(*this, getX(), getGate());
}
