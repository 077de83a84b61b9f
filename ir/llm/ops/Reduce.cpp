// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"
#include "llvm/ADT/SmallSet.h"

using namespace mlir;
using namespace llmc::llm;

static Type reducedType(MLIRContext *ctx, Value x, ArrayRef<int64_t> axes,
                        bool keepdims, Type element) {
  Dims dims;
  for (auto [i, d] : llvm::enumerate(dimsOf(x))) {
    if (!llvm::is_contained(axes, static_cast<int64_t>(i)))
      dims.push_back(d);
    else if (keepdims)
      dims.push_back(constantDim(ctx, 1));
  }
  return tensorType(ctx, dims, element);
}

LLMC_INFER(ReduceOp, {
  out.push_back(reducedType(ctx, op.getX(), op.getAxes(), op.getKeepdims(),
                            elementOf(op.getX())));
  return success();
})

LogicalResult ReduceOp::verify() {
  llvm::SmallSet<int64_t, 8> seen;
  for (int64_t a : getAxes())
    if (a < 0 || a >= rankOf(getX()) || !seen.insert(a).second) // C1
      return emitOpError("has axis ")
             << a << " twice or outside rank " << rankOf(getX());
  return success();
}

LLMC_INFER(ArgReduceOp, {
  int64_t axis = op.getAxis();
  out.push_back(reducedType(ctx, op.getX(), axis, op.getKeepdims(),
                            IntegerType::get(ctx, 64)));
  return success();
})

LLMC_INFER(CumulateOp, {
  out.push_back(op.getX().getType());
  return success();
})
