// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/Weights.h"
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

/// The recipe of a fold operand: a weight's attribute, or nothing for constants
/// (those fold as attributes).
static RecipeAttr recipe(Attribute operand, Value value) {
  if (auto w = value.getDefiningOp<WeightOp>())
    return w.getRecipe();
  return {};
}

Value ReshapeOp::getViewSource() { return getX(); }

LogicalResult ReshapeOp::verify() {
  if (elementOf(getX()) != elementOf(getResult())) // C1
    return emitOpError("changes the element type");
  auto a = cast<RankedTensorType>(getX().getType()),
       b = cast<RankedTensorType>(getType());
  if (a.hasStaticShape() && b.hasStaticShape() &&
      a.getNumElements() != b.getNumElements())
    return emitOpError("of ")
           << a.getNumElements() << " elements to " << b.getNumElements();
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  if (auto inner = getX().getDefiningOp<ReshapeOp>()) {
    getXMutable().assign(inner.getX());
    return getResult();
  }
  auto type = cast<RankedTensorType>(getType());
  if (auto r = recipe(adaptor.getX(), getX()); r && type.hasStaticShape())
    return reshapeRecipe(r, type.getShape());
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(adaptor.getX());
      dense && type.hasStaticShape())
    return dense.reshape(type);
  return {};
}

LLMC_INFER(TransposeOp, {
  Dims dims;
  Dims from = dimsOf(op.getX());
  for (int64_t p : op.getPerm())
    if (p >= 0 && p < static_cast<int64_t>(from.size()))
      dims.push_back(from[p]);
  out.push_back(tensorType(ctx, dims, elementOf(op.getX())));
  return success();
})

LogicalResult TransposeOp::verify() {
  SmallVector<int64_t> sorted(getPerm());
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(rankOf(getX()))))
    return emitOpError("needs a permutation of its operand's axes");
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (llvm::equal(getPerm(), llvm::seq<int64_t>(rankOf(getX()))))
    return getX();
  if (auto inner = getX().getDefiningOp<TransposeOp>()) {
    SmallVector<int64_t> perm;
    for (int64_t p : getPerm())
      perm.push_back(inner.getPerm()[p]);
    setPerm(perm);
    getXMutable().assign(inner.getX());
    return getResult();
  }
  if (auto r = recipe(adaptor.getX(), getX()))
    return transposeRecipe(r, getPerm());
  return {};
}

LogicalResult ExpandOp::verify() {
  if (elementOf(getX()) != elementOf(getResult()))
    return emitOpError("changes the element type");
  auto dims = broadcastDims(dimsOf(getX()), dimsOf(getResult()));
  if (failed(dims) || dims->size() != dimsOf(getResult()).size())
    return emitOpError("of a shape that does not broadcast to the result's");
  return success();
}

OpFoldResult ExpandOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  auto type = cast<RankedTensorType>(getType());
  auto dense = dyn_cast_or_null<DenseElementsAttr>(adaptor.getX());
  if (dense && dense.isSplat() && fitsConstant(type))
    return dense.resizeSplat(type);
  return {};
}

LogicalResult SliceOp::verify() {
  int64_t rank = rankOf(getX());
  if (getStarts().getNumResults() != rank ||
      static_cast<int64_t>(getSteps().size()) != rank ||
      llvm::is_contained(getSteps(), 0)) // C1
    return emitOpError("needs one start and one non-zero step per axis");
  return success();
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  bool whole = llvm::all_of(getStarts().getResults(),
                            [](Dim d) { return fixedDim(d) == 0; }) &&
               llvm::all_of(getSteps(), [](int64_t s) { return s == 1; });
  if (whole && getX().getType() == getType())
    return getX();
  auto type = cast<RankedTensorType>(getType());
  if (auto r = recipe(adaptor.getX(), getX());
      r && type.hasStaticShape() && isFixed(getStarts().getResults())) {
    SmallVector<int64_t> starts;
    for (Dim d : getStarts().getResults())
      starts.push_back(*fixedDim(d));
    return sliceRecipe(r, starts, getSteps(), type.getShape());
  }
  return {};
}

LLMC_INFER(ConcatOp, {
  if (operands.empty())
    return emitOptionalError(loc, "concat of nothing");
  Dims dims = dimsOf(operands[0]);
  int64_t axis = op.getAxis();
  if (axis < 0 || axis >= static_cast<int64_t>(dims.size()))
    return emitOptionalError(loc, "concat axis outside the rank");
  for (Value v : operands.drop_front()) {
    Dims next = dimsOf(v);
    if (next.size() != dims.size())
      return emitOptionalError(loc, "concat of different ranks");
    for (size_t i = 0; i < dims.size(); ++i)
      if (static_cast<int64_t>(i) == axis)
        dims[i] = dims[i] + next[i];
      else if (fixedDim(next[i]))
        dims[i] = next[i];
  }
  out.push_back(tensorType(ctx, dims, elementOf(operands[0])));
  return success();
})

LogicalResult ConcatOp::verify() {
  for (Value v : getInputs())
    if (rankOf(v) != rankOf(getResult()) ||
        elementOf(v) != elementOf(getResult()))
      return emitOpError("of different ranks or element types");
  return success();
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1)
    return getInputs()[0];
  SmallVector<RecipeAttr> all;
  for (Value v : getInputs()) {
    auto w = v.getDefiningOp<WeightOp>();
    if (!w)
      return {};
    all.push_back(w.getRecipe());
  }
  return concatRecipe(all, getAxis());
}

LLMC_INFER(TriluOp, {
  out.push_back(op.getX().getType());
  return success();
})

LogicalResult PadOp::verify() {
  if (getBefore().getNumResults() != rankOf(getX()) ||
      rankOf(getX()) != rankOf(getResult())) // C1
    return emitOpError("needs one pad in front of each axis");
  if (rankOf(getValue()) != 0 ||
      elementOf(getValue()) != elementOf(getX())) // C2
    return emitOpError("needs a scalar of its operand's element type");
  return success();
}
