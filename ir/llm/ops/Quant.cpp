// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/QuantOps.h"
#include "ir/llm/Quantized.h"
#include "ir/llm/ops/Infer.h"

#include <cmath>

using namespace mlir;
using namespace llmc::llm;

/// C1 of the ops that map between x and its quantized form.
static LogicalResult verifyScale(Operation *op, Value x, Value scale,
                                 int64_t axis, int64_t block) {
  Dims dims = dimsOf(x), factors = dimsOf(scale);
  if (factors.empty())
    return success();
  int64_t rank = dims.size();
  if (axis < 0 || axis >= rank)
    return op->emitOpError("axis ") << axis << " is outside rank " << rank;
  if (block == 0 && factors.size() != 1)
    return op->emitOpError("needs a scale that is a scalar or one per slice "
                           "along the axis, not one of rank ")
           << factors.size();
  if (block < 0 || (block > 0 && factors.size() != dims.size()))
    return op->emitOpError("needs scales of rank ")
           << rank << " for blocks of " << block;
  for (int64_t i = block ? 0 : axis; i < (block ? rank : axis + 1); ++i) {
    auto size = fixedDim(dims[i]), count = fixedDim(factors[block ? i : 0]);
    if (size && block && i == axis)
      size = llvm::divideCeil(*size, block);
    if (size && count && *size != *count)
      return op->emitOpError("has ") << *count << " scales along dim " << i
                                     << " where " << *size << " are needed";
  }
  return success();
}

/// C2: a zero point like the scale, of this element type.
static LogicalResult verifyZero(Operation *op, Value scale, Value zero,
                                Type element) {
  if (!zero)
    return success();
  if (elementOf(zero) != element)
    return op->emitOpError("needs a zero point of type ")
           << element << ", not " << elementOf(zero);
  Dims want = dimsOf(scale), has = dimsOf(zero);
  bool fits = want.size() == has.size();
  for (size_t i = 0; fits && i < want.size(); ++i) {
    auto a = fixedDim(want[i]), b = fixedDim(has[i]);
    fits = !a || !b || *a == *b;
  }
  if (!fits)
    return op->emitOpError("has zero points of another shape than its scales");
  return success();
}

LogicalResult QuantizeOp::verify() {
  if (failed(verifyScale(*this, getX(), getScale(), getAxis(), getBlockSize())))
    return failure();
  return verifyZero(*this, getScale(), getZeroPoint(), elementOf(getResult()));
}

LogicalResult DequantizeOp::verify() {
  if (failed(verifyScale(*this, getX(), getScale(), getAxis(), getBlockSize())))
    return failure();
  return verifyZero(*this, getScale(), getZeroPoint(), elementOf(getX()));
}

/// A constant vector or scalar with one scale, as f32: passes look at those.
static DenseElementsAttr dequantizedVector(DequantizeOp op, Attribute q,
                                           Attribute scale, Attribute zero) {
  auto values = dyn_cast_or_null<DenseIntElementsAttr>(q);
  auto factor = dyn_cast_or_null<DenseFPElementsAttr>(scale);
  auto type = cast<RankedTensorType>(op.getType());
  if (!values || !factor || !factor.isSplat() || type.getRank() > 1 ||
      !type.getElementType().isF32() ||
      (op.getZeroPoint() && !dyn_cast_or_null<DenseIntElementsAttr>(zero)))
    return {};
  auto number = [](DenseIntElementsAttr d, const APInt &v) {
    return d.getElementType().isUnsignedInteger()
               ? static_cast<int64_t>(v.getZExtValue())
               : v.getSExtValue();
  };
  int64_t offset = 0;
  if (op.getZeroPoint()) {
    auto zeros = cast<DenseIntElementsAttr>(zero);
    if (!zeros.isSplat())
      return {};
    offset = number(zeros, zeros.getSplatValue<APInt>());
  }
  float s = factor.getSplatValue<APFloat>().convertToDouble();
  SmallVector<float> out;
  for (const APInt &v : values.getValues<APInt>())
    out.push_back(static_cast<float>(number(values, v) - offset) * s);
  return DenseElementsAttr::get(type, ArrayRef(out));
}

/// Stored tensors become a dequantized weight.
OpFoldResult DequantizeOp::fold(FoldAdaptor adaptor) {
  if (DenseElementsAttr small = dequantizedVector(
          *this, adaptor.getX(), adaptor.getScale(), adaptor.getZeroPoint()))
    return small;
  RecipeAttr q = recipeOf(getX()), scales = recipeOf(getScale()), zeros;
  if (getZeroPoint())
    zeros = recipeOf(getZeroPoint());
  if (!q || !scales || (getZeroPoint() && !zeros))
    return {};
  ArrayRef<int64_t> dims = q.getType().getShape();
  int64_t rank = dims.size(), axis = getAxis(), block = getBlockSize();
  SmallVector<int64_t> blocks(dims), counts(rank, 1);
  if (block) {
    blocks.assign(rank, 1), blocks[axis] = block;
    counts.assign(scales.getType().getShape().begin(),
                  scales.getType().getShape().end());
  } else if (scales.getType().getRank() == 1) {
    blocks[axis] = 1, counts[axis] = dims[axis];
  }
  for (int64_t &b : blocks)
    b = std::max<int64_t>(b, 1);
  return dequantizeRecipe(q, reshapeRecipe(scales, counts),
                          zeros ? reshapeRecipe(zeros, counts) : zeros, blocks,
                          elementOf(getResult()));
}

LogicalResult IntegerMatmulOp::verify() {
  Dims a = dimsOf(getA()), b = dimsOf(getB());
  if (a.size() < 2 || b.size() < 2) // C1
    return emitOpError("needs operands of rank 2 or more");
  auto k = fixedDim(a.back()), l = fixedDim(b[b.size() - 2]);
  if (k && l && *k != *l)
    return emitOpError("inner sizes differ: ") << *k << " and " << *l;
  auto zeroFits = [](Value x, Value zero) { // C2
    if (!zero)
      return true;
    Dims dims = dimsOf(x), of = dimsOf(zero);
    if (elementOf(zero) != elementOf(x) || of.size() > dims.size())
      return false;
    for (size_t i = 0; i < of.size(); ++i) {
      auto size = fixedDim(dims[dims.size() - of.size() + i]),
           count = fixedDim(of[i]);
      if (size && count && *count != 1 && *count != *size)
        return false;
    }
    return true;
  };
  if (!zeroFits(getA(), getAZero()) || !zeroFits(getB(), getBZero()))
    return emitOpError("has zero points that don't fit their matrix");
  return success();
}

LogicalResult
IntegerRoundingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                            int64_t group, FloatAttr scale, int64_t rotation,
                            int64_t zero) {
  bool rotates = rotation >= 16 && llvm::isPowerOf2_64(rotation);
  if (rotation && (!rotates || group == 0 || group % rotation)) // C2
    return emitError() << "a rotation is of a part of a group";
  if (zero && (!scale || group || zero < 0 || zero > 255)) // C1
    return emitError() << "a zero point is a byte beside a tensor's scale";
  if (!scale)
    return success();
  if (!scale.getType().isF32())
    return emitError() << "a scale is an f32";
  float value = scale.getValue().convertToFloat();
  if (!(value > 0) || !std::isfinite(value))
    return emitError() << "a scale is positive and finite";
  return success();
}

LogicalResult FakeQuantizeOp::verify() {
  int64_t group = getRounding().getGroup();
  if (group < 0 || (group > 0 && rankOf(getX()) == 0)) // C1
    return emitOpError("has a group that is not positive, or no rows");
  return success();
}
