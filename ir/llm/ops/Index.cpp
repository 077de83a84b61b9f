// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

static Type gathered(MLIRContext *ctx, Value data, Value indices,
                     int64_t axis) {
  Dims from = dimsOf(data), dims(from.begin(), from.begin() + axis);
  dims.append(dimsOf(indices));
  dims.append(from.begin() + axis + 1, from.end());
  return tensorType(ctx, dims, elementOf(data));
}

LLMC_INFER(GatherOp, {
  int64_t axis = op.getAxis();
  if (axis < 0 || axis >= rankOf(op.getData()))
    return emitOptionalError(loc, "axis ", axis, " of a tensor of rank ",
                             rankOf(op.getData()));
  out.push_back(gathered(ctx, op.getData(), op.getIndices(), axis));
  return success();
})

LLMC_INFER(EmbeddingOp, {
  if (rankOf(op.getTable()) != 2)
    return emitOptionalError(loc, "the table needs rank 2");
  out.push_back(gathered(ctx, op.getTable(), op.getIndices(), 0));
  return success();
})

LLMC_INFER(GatherNDOp, {
  Dims data = dimsOf(op.getData()), indices = dimsOf(op.getIndices());
  auto tuple = indices.empty() ? std::nullopt : fixedDim(indices.back());
  int64_t batch = op.getBatchDims();
  if (!tuple || batch < 0 ||
      batch + *tuple > static_cast<int64_t>(data.size()) ||
      batch >= static_cast<int64_t>(indices.size()))
    return emitOptionalError(
        loc, "index tuples longer than the data's rank, or of unknown length");
  Dims dims(indices.begin(), indices.end() - 1);
  dims.append(data.begin() + batch + *tuple, data.end());
  out.push_back(tensorType(ctx, dims, elementOf(op.getData())));
  return success();
})

LLMC_INFER(GatherRowsOp, {
  Dims dims = dimsOf(op.getData()), indices = dimsOf(op.getIndices());
  auto axis = static_cast<int64_t>(op.getAxis());
  if (axis < 1 || axis >= static_cast<int64_t>(dims.size())) // C1
    return emitOptionalError(loc, "an axis that is not behind the batch");
  auto batch = fixedDim(dims[0]),
       rows = indices.size() == 2 ? fixedDim(indices[0]) : std::nullopt;
  if (indices.size() != 2 || (batch && rows && batch != rows)) // C2
    return emitOptionalError(loc, "indices of another batch than the data's");
  dims[axis] = indices[1];
  out.push_back(tensorType(ctx, dims, elementOf(op.getData())));
  return success();
})

LLMC_INFER(GatherElementsOp, {
  out.push_back(
      withElement(op.getIndices().getType(), elementOf(op.getData())));
  return success();
})

LLMC_INFER(ScatterElementsOp, {
  int64_t rank = rankOf(op.getData());
  auto axis = static_cast<int64_t>(op.getAxis());
  if (rankOf(op.getIndices()) != rank || axis < 0 || axis >= rank)
    return emitOptionalError(loc, "indices of another rank than the data");
  if (!compatibleTypes(
          withElement(op.getIndices().getType(), elementOf(op.getData())),
          op.getUpdates().getType()))
    return emitOptionalError(loc, "updates don't fit the indices");
  out.push_back(op.getData().getType());
  return success();
})

LLMC_INFER(ScatterNDOp, {
  Dims data = dimsOf(op.getData()), updates = dimsOf(op.getUpdates()),
       want = dimsOf(op.getIndices());
  auto rank = static_cast<int64_t>(data.size());
  if (want.empty())
    return emitOptionalError(loc, "scatter_nd needs indices of rank 1 or more");
  int64_t tuple = fixedDim(want.pop_back_val()).value_or(0);
  if (tuple < 0 || tuple > rank)
    return emitOptionalError(loc, "scatter_nd has index tuples of ", tuple,
                             " for data of rank ", rank);
  want.append(data.begin() + tuple, data.end());
  bool fits = tuple == 0 || want.size() == updates.size();
  for (size_t i = 0; fits && tuple && i < want.size(); ++i)
    fits = !fixedDim(want[i]) || !fixedDim(updates[i]) ||
           fixedDim(want[i]) == fixedDim(updates[i]);
  if (!fits)
    return emitOptionalError(
        loc, "scatter_nd of updates that don't fit the indices and the data");
  out.push_back(op.getData().getType());
  return success();
})

LogicalResult NonZeroOp::verify() {
  if (rankOf(getResult()) != 2 ||
      fixedDim(dimOf(getType(), 0)) != rankOf(getMask()) ||
      !elementOf(getResult()).isInteger(64)) // C1
    return emitOpError("gives one index per axis of its mask");
  return success();
}

LogicalResult TopKOp::verify() {
  int64_t rank = rankOf(getX()), axis = getAxis();
  if (axis < 0 || axis >= rank || rankOf(getValues()) != rank ||
      dimsOf(getValues()) != dimsOf(getIndices()) ||
      elementOf(getValues()) != elementOf(getX()) ||
      !elementOf(getIndices()).isInteger(64)) // C1
    return emitOpError("gives elements and positions along one axis");
  return success();
}

LogicalResult UniqueOp::verify() {
  if (rankOf(getX()) != 2 || rankOf(getNumber()) != 0 ||
      llvm::any_of(getResults(),
                   [](Value v) { return !elementOf(v).isInteger(64); })) // C1
    return emitOpError("groups the rows of a matrix");
  return success();
}
