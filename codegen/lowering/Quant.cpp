// SPDX-License-Identifier: Apache-2.0
// Quantize and dequantize as plain loops, and stored quantized matrices.
#include "codegen/lowering/Quant.h"

#include "codegen/lowering/Loops.h"
#include "codegen/ref/PlainKernel.h"
#include "ir/llm/Quantized.h"

using namespace mlir;

namespace llmc {

static bool isUnsigned(Type t) { return t.isUnsignedInteger(); }

Value loadWide(PlainBody &p, unsigned tensor, ValueRange at) {
  Value v = p.load(tensor, at);
  if (isa<FloatType>(v.getType()))
    return p.k.convert(v, p.k.f32());
  return p.k.convert(v, p.k.i32(), isUnsigned(p.element(tensor)));
}

/// Where the scale of the element at `at` stands: see llm.quantize.
static Values scaleIndex(PlainBody &p, const MemTensor &scale, ValueRange at,
                         int64_t axis, int64_t block) {
  if (scale.rank() == 0)
    return {};
  if (!block)
    return {at[axis]};
  Values index(at);
  index[axis] = p.k.divSize(index[axis], block);
  return index;
}

static std::string quantKey(int64_t axis, int64_t block) {
  return std::to_string(axis) + "," + std::to_string(block);
}

/// What a quantized integer type holds.
static std::pair<double, double> rangeOf(Type t) {
  unsigned bits = t.getIntOrFloatBitWidth();
  if (isUnsigned(t))
    return {0, double((1u << bits) - 1)};
  return {-double(1u << (bits - 1)), double((1u << (bits - 1)) - 1)};
}

Value quantized(CodeBuilder &k, Value quotient, Value zero, Type to,
                bool saturate) {
  if (auto small = dyn_cast<FloatType>(to)) {
    SmallRounding rounding;
    rounding.saturate = saturate;
    if (zero)
      quotient = k.add(quotient, zero);
    return encodeSmallFloat(k, quotient, small, rounding);
  }
  Value v = k.roundEven(quotient);
  if (zero)
    v = k.add(v, k.convert(zero, k.f32()));
  auto [low, high] = rangeOf(to);
  v = k.min(k.max(v, k.constant(v.getType(), low)),
            k.constant(v.getType(), high));
  return k.convert(v, k.i32());
}

static LogicalResult lowerQuantize(Operation *op, EntryLowering &e) {
  auto q = cast<llm::QuantizeOp>(op);
  Type to = llm::elementOf(q.getResult());
  MemTensor scale = e.get(q.getScale()), out = e.result(q.getResult());
  std::string key = quantKey(q.getAxis(), q.getBlockSize());
  if (isSmallFloat(to)) { // written as the bits that they are
    out.element = e.host().i8();
    key += typeKey(to);
  }
  SmallVector<PlainTensor> tensors = {{e.get(q.getX())}, {scale}, {out, true}};
  bool hasZero = bool(q.getZeroPoint());
  if (hasZero)
    tensors.push_back({e.get(q.getZeroPoint())});
  int64_t axis = q.getAxis(), block = q.getBlockSize();
  key += q.getSaturate() ? "s" : "";
  if (q.getPrecision())
    key += typeKey(*q.getPrecision());
  launchPlain(e, "quantize", key, tensors, {}, 2, [&](PlainBody &p) {
    CodeBuilder &k = p.k;
    p.forElements(2, [&](Values at) {
      Values from = scaleIndex(p, scale, at, axis, block);
      Value x = k.convert(p.load(0, at), k.f32());
      Value quotient = k.div(x, loadWide(p, 1, from));
      if (q.getPrecision())
        quotient = k.convert(k.convert(quotient, *q.getPrecision()), k.f32());
      Value zero = hasZero ? loadWide(p, 3, from) : Value();
      Value y = quantized(k, quotient, zero, to, q.getSaturate());
      p.store(k.convert(y, computeType(p.element(2))), 2, at);
    });
  });
  return success();
}

static LogicalResult lowerDequantize(Operation *op, EntryLowering &e) {
  auto d = cast<llm::DequantizeOp>(op);
  MemTensor scale = e.get(d.getScale());
  SmallVector<PlainTensor> tensors = {
      {e.get(d.getX())}, {scale}, {e.result(d.getResult()), true}};
  bool hasZero = bool(d.getZeroPoint());
  if (hasZero)
    tensors.push_back({e.get(d.getZeroPoint())});
  int64_t axis = d.getAxis(), block = d.getBlockSize();
  launchPlain(e, "dequantize", quantKey(axis, block), tensors, {}, 2,
              [&](PlainBody &p) {
                CodeBuilder &k = p.k;
                p.forElements(2, [&](Values at) {
                  Values from = scaleIndex(p, scale, at, axis, block);
                  Value x = loadWide(p, 0, at);
                  if (hasZero)
                    x = k.sub(x, loadWide(p, 3, from));
                  Value y = k.mul(k.convert(x, k.f32()), loadWide(p, 1, from));
                  p.store(k.convert(y, computeType(p.element(2))), 2, at);
                });
              });
  return success();
}

static int64_t packedAs(EntryLowering &e, llm::RecipeAttr matrix,
                        StringRef layout) {
  Builder b(matrix.getContext());
  auto params =
      b.getDictionaryAttr(b.getNamedAttr("layout", b.getStringAttr(layout)));
  return e.weights().plain(
      llm::RecipeAttr::get(b.getContext(), b.getStringAttr("pack"),
                           b.getArrayAttr({matrix}), params, matrix.getType()));
}

int64_t packedIntegers(EntryLowering &e, llm::RecipeAttr q) {
  return packedAs(e, q, "quant16");
}

int64_t packedScales(EntryLowering &e, llm::RecipeAttr scales) {
  return packedAs(e, scales, "panel16");
}

StoredMatrix storedMatrix(EntryLowering &e, llm::RecipeAttr recipe) {
  auto tensor = [&](int64_t id, llm::RecipeAttr r) {
    return e.makeTensor(e.weight(id), r.getType());
  };
  auto m = llm::quantizedMatrix(recipe);
  if (!m)
    return {tensor(e.weights().packed(recipe), recipe), {}, {}, {}};
  StoredMatrix stored;
  stored.weight = tensor(packedIntegers(e, m->q), m->q);
  stored.scales = tensor(packedScales(e, m->scales), m->scales);
  Type q = m->q.getType().getElementType();
  QuantizedFormat &f = stored.format;
  f.bits = q.getIntOrFloatBitWidth(), f.isSigned = q.isSignlessInteger();
  f.floats = dyn_cast<FloatType>(q);
  f.k = m->q.getType().getDimSize(0), f.group = m->group, f.zero = m->zero;
  f.scale = m->scales.getType().getElementType();
  if (m->codebook)
    f.codebook.append(m->codebook.asArrayRef().begin(),
                      m->codebook.asArrayRef().end());
  if (m->zeros) {
    stored.zeros = tensor(packedScales(e, m->zeros), m->zeros);
    Type zero = m->zeros.getType().getElementType();
    f.zeros = isa<FloatType>(zero) ? zero : e.host().i8();
  }
  return stored;
}

void addQuantLowerings(LoweringTable &table) {
  table["llm.quantize"] = lowerQuantize;
  table["llm.dequantize"] = lowerDequantize;
  addRoundingLowerings(table);
  addIntegerMatmulLowerings(table);
}

} // namespace llmc
