// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

LLMC_INFER(KvAppendOp, {
  Dims past = dimsOf(op.getPast());
  Dims update = dimsOf(op.getUpdate());
  if (past.size() != 4 || update.size() != 4)
    return emitOptionalError(loc, "needs a past and an update of rank 4");
  past[2] = past[2] + update[1];
  if (fixedDim(update[3]))
    past[3] = update[3];
  if (fixedDim(update[2]))
    past[1] = update[2];
  out.push_back(tensorType(ctx, past, elementOf(op.getPast())));
  return success();
})
