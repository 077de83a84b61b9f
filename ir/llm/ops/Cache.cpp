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

bool llmc::llm::isPacked(Value v, const PackedRows &rows) {
  return elementOf(v).isUnsignedInteger(8) && rankOf(v) &&
         fixedDim(dimsOf(v).back()) == rows.bytes();
}

LLMC_INFER(PackRowsOp, {
  Dims dims = dimsOf(op.getX());
  PackedRows rows = op.getRows().rows();
  if (dims.empty() || fixedDim(dims.back()) != rows.size) // C1
    return emitOptionalError(loc, "packs rows of ", rows.size, " numbers");
  dims.back() = constantDim(ctx, rows.bytes());
  Type byte = IntegerType::get(ctx, 8, IntegerType::Unsigned);
  out.push_back(tensorType(ctx, dims, byte));
  return success();
})

LogicalResult UnpackRowsOp::verify() {
  Dims from = dimsOf(getX()), to = dimsOf(getResult());
  PackedRows rows = getRows().rows();
  if (!isPacked(getX(), rows) || to.size() != from.size() ||
      fixedDim(to.back()) != rows.size) // C1
    return emitOpError("unpacks rows of ")
           << rows.bytes() << " bytes to " << rows.size << " numbers";
  return success();
}

LogicalResult PackedRowsAttr::verify(function_ref<InFlightDiagnostic()> error,
                                     int64_t bits, int64_t block,
                                     int64_t size) {
  if (bits != 8 && bits != 4) // C1
    return error() << "packs numbers to 8 or 4 bits, not " << bits;
  if (block <= 0 || block % packedUnit || size <= 0) // C2
    return error() << "needs rows of some numbers, in blocks of whole "
                   << packedUnit;
  return success();
}
