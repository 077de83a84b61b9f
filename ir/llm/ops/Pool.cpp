// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

LogicalResult PoolOp::verify() {
  int64_t rank = rankOf(getX()), spatial = rank - 2;
  auto positive = [&](ArrayRef<int64_t> values) {
    return static_cast<int64_t>(values.size()) == spatial &&
           llvm::all_of(values, [](int64_t v) { return v > 0; });
  };
  if (spatial < 1 || !positive(getKernel()) || !positive(getStrides()) ||
      !positive(getDilations()) || getBefore().getNumResults() != spatial ||
      getAfter().getNumResults() != spatial) // C1
    return emitOpError(
        "needs a kernel size, pads, a stride and a dilation per spatial axis");
  if (rankOf(getResult()) != rank ||
      elementOf(getResult()) != elementOf(getX()))
    return emitOpError("changes the rank or the element type");
  if (getIndices() &&
      (getKind() != PoolKind::Max || !elementOf(getIndices()).isInteger(64) ||
       dimsOf(getIndices()) != dimsOf(getResult()))) // C2
    return emitOpError("of this kind has no positions");
  if (getKind() == PoolKind::Lp && getP() < 1) // C3
    return emitOpError("needs a p above 0");
  return success();
}
