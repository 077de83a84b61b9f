// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

LogicalResult RopeOp::verify() {
  bool tables = getCosTable() && getSinTable();
  if (bool(getInvFreq()) == tables ||
      bool(getCosTable()) != bool(getSinTable())) // C1
    return emitOpError("needs either inv_freq or both tables");
  auto size = rankOf(getX()) == 4 ? fixedDim(dimsOf(getX())[3]) : std::nullopt;
  int64_t rotary = getRotary();
  if (!size || rotary <= 0 || rotary % 2 || rotary > *size) // C2
    return emitOpError("rotates ")
           << rotary << " elements of heads that don't allow it";
  if (bool(getNorm()) != getNormEpsilon().has_value()) // C3
    return emitOpError("needs norm and norm_epsilon together");
  if (Value norm = getNorm()) {
    Dims heads = dimsOf(getX()), weight = dimsOf(norm);
    bool fits = !weight.empty() && weight.size() <= 2 &&
                weight.back() == heads[3] &&
                (weight.size() == 1 || weight[0] == heads[2]);
    if (!fits)
      return emitOpError("needs a norm of its heads' sizes");
  }
  return success();
}

static bool mayEqual(Dim a, Dim b) {
  auto x = fixedDim(a), y = fixedDim(b);
  return !x || !y || x == y;
}

static bool isFloatOrPacked(Value v, std::optional<PackedRowsAttr> rows) {
  return rows ? isPacked(v, rows->rows()) : isa<FloatType>(elementOf(v));
}

LogicalResult AttentionOp::verify() {
  if (rankOf(getQ()) != 4 || rankOf(getK()) != 4 || rankOf(getV()) != 4)
    return emitOpError("needs q, k and v of rank 4");
  auto heads = fixedDim(dimsOf(getQ())[2]),
       kvHeads = fixedDim(dimsOf(getK())[1]);
  if (!heads || !kvHeads || *kvHeads == 0 || *heads % *kvHeads) // C1
    return emitOpError(
        "needs fixed head counts, the query's a multiple of the keys'");
  if (!isFloatOrPacked(getK(), getKeyRows()) ||
      !isFloatOrPacked(getV(), getValueRows())) // C4
    return emitOpError("needs keys and values of floats, or packed rows");
  auto qs = fixedDim(dimsOf(getQ())[3]), ks = fixedDim(dimsOf(getK())[3]),
       vs = fixedDim(dimsOf(getV())[3]);
  if (auto rows = getKeyRows())
    ks = rows->getSize();
  if (auto rows = getValueRows())
    vs = rows->getSize();
  auto size = fixedDim(dimsOf(getResult())[3]);
  if (vs && size && vs != size)
    return emitOpError("needs a result of the values' size");
  if (!qs || qs != ks) // C2
    return emitOpError("needs query and key heads of one fixed size");
  Dims q = dimsOf(getQ()), k = dimsOf(getK()), v = dimsOf(getV());
  if (!mayEqual(q[0], k[0]) || !mayEqual(q[0], v[0]))
    return emitOpError("needs q, k and v of one batch");
  if (!mayEqual(k[1], v[1]) || !mayEqual(k[2], v[2]))
    return emitOpError("needs k and v of as many heads and tokens");
  if (Value lengths = getLengths();
      lengths && (rankOf(lengths) != 1 || !mayEqual(dimsOf(lengths)[0], q[0])))
    return emitOpError("needs one length for each row of the batch");
  if (Value mask = getKeyMask(); mask && rankOf(mask) != 2)
    return emitOpError("needs a key mask of rank 2");
  if (getLengths() && !getCausal()) // C3
    return emitOpError("takes lengths only when causal");
  if ((getStarts() || getClamped()) && !getLengths())
    return emitOpError("takes starts and clamped only with lengths");
  return success();
}

LogicalResult LinearAttentionOp::verify() {
  if (rankOf(getQ()) != 4 || rankOf(getK()) != 4 || rankOf(getV()) != 4)
    return emitOpError("needs q, k and v of rank 4");
  auto heads = fixedDim(dimsOf(getQ())[2]),
       kvHeads = fixedDim(dimsOf(getK())[2]);
  if (!heads || !kvHeads || *kvHeads == 0 || *heads % *kvHeads) // C1
    return emitOpError(
        "needs fixed head counts, the query's a multiple of the keys'");
  if (!fixedDim(dimsOf(getK())[3]) || !fixedDim(dimsOf(getV())[3]))
    return emitOpError("needs heads of fixed sizes");
  if (!elementOf(getPresent()).isF32() ||
      (getState() && !elementOf(getState()).isF32())) // C2
    return emitOpError("needs states of f32");
  return success();
}
