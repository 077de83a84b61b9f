// SPDX-License-Identifier: Apache-2.0
// Quantize, dequantize and products of integers, as plain loops.
#include "codegen/lowering/Quant.h"

#include "codegen/cpu/kernels/QuantMatmul.h"
#include "codegen/lowering/Loops.h"
#include "codegen/ref/PlainKernel.h"
#include "ir/llm/Quantized.h"

using namespace mlir;

namespace llmc {

static bool isUnsigned(Type t) { return t.isUnsignedInteger(); }

/// An element of 16 bits or less as i32 (an i32 as it is), a float as f32.
static Value loadWide(PlainBody &p, unsigned tensor, ValueRange at) {
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

/// The quotient x / scale as an integer of type `to`, in i32, or as the bits of
/// a small float.
static Value quantized(CodeBuilder &k, Value quotient, Value zero, Type to,
                       bool saturate = true) {
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
  v = k.min(k.max(v, k.cf(low)), k.cf(high));
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

/// The range of all elements, its scale and its zero point: one tile.
static void launchRange(EntryLowering &e, const MemTensor &x,
                        const MemTensor &scale, const MemTensor &zero) {
  Value count = e.product(x.dims);
  launchPlain(
      e, "range", "", {{x}, {scale, true}, {zero, true}}, {count}, 1, 0,
      [&](PlainBody &p) {
        CodeBuilder &k = p.k;
        p.forTiles(1, 0, [&](Values) {
          Value none = k.cf(0), base = p.pointer(0);
          Type vector = k.vecF32(k.lanes());
          Value zeros = k.zero(vector);
          Values ends =
              k.forVectors(p.extra(0), 2, {zeros, zeros, zeros, zeros},
                           [&](Value i, Value mask, Values set) -> Values {
                             Value v = k.maskedLoad(vector, mask, base, i);
                             return {k.min(v, set[0]), k.max(v, set[1])};
                           });
          Value low = k.min(ends[0], ends[2]), high = k.max(ends[1], ends[3]);
          low = k.reduce(low, [&](Value a, Value b) { return k.min(a, b); });
          high = k.reduceMax(high);
          Value width = k.sub(high, low);
          Value s = k.select(k.cmp(CmpF::OEQ, width, none), k.cf(1),
                             k.div(width, k.cf(255)));
          Value z = k.roundEven(k.sub(none, k.div(low, s)));
          z = k.min(k.max(z, none), k.cf(255));
          p.store(s, 1, {});
          p.store(k.convert(k.convert(z, k.i32()), k.i8()), 2, {});
        });
      });
}

static LogicalResult lowerDynamicQuantize(Operation *op, EntryLowering &e) {
  auto d = cast<llm::DynamicQuantizeOp>(op);
  MemTensor x = e.contiguous(d.getX()), out = e.result(d.getResult()),
            scale = e.result(d.getScale()), zero = e.result(d.getZeroPoint());
  launchRange(e, x, scale, zero);
  Type byte = llm::elementOf(d.getResult());
  launchPlain(e, "quantize", "dynamic", {{x}, {scale}, {out, true}, {zero}}, {},
              2, [&](PlainBody &p) {
                CodeBuilder &k = p.k;
                p.forElements(2, [&](Values at) {
                  Value y = quantized(k, k.div(p.load(0, at), p.load(1, {})),
                                      loadWide(p, 3, {}), byte);
                  p.store(k.convert(y, k.i8()), 2, at);
                });
              });
  return success();
}

/// The id of integers [K, N] of 2, 4 or 8 bits, packed in panels of 16 columns
/// (codegen/cpu/kernels/Quant.h).
static int64_t packedIntegers(EntryLowering &e, llm::RecipeAttr q) {
  Builder b(q.getContext());
  auto layout =
      b.getDictionaryAttr(b.getNamedAttr("layout", b.getStringAttr("quant16")));
  return e.weights().plain(
      llm::RecipeAttr::get(b.getContext(), b.getStringAttr("pack"),
                           b.getArrayAttr({q}), layout, q.getType()));
}

/// A zero point that is absent, one number, or one per column of the weight.
static bool isKernelZero(Value zero, bool perColumn) {
  if (!zero)
    return true;
  llm::Dims dims = llm::dimsOf(zero);
  for (size_t i = 0; i < dims.size(); ++i)
    if (llm::fixedDim(dims[i]) != 1 && !(perColumn && i + 1 == dims.size()))
      return false;
  return true;
}

/// By a stored matrix, on its kernel; false where the operands don't fit it.
static bool lowerStoredMatmul(llm::IntegerMatmulOp op, EntryLowering &e) {
  llm::RecipeAttr weight = llm::recipeOf(op.getB());
  if (e.target().isReference() || !weight || weight.getType().getRank() != 2 ||
      llm::fixedDim(llm::dimsOf(op.getA()).back()) !=
          weight.getType().getDimSize(0) ||
      !isKernelZero(op.getAZero(), false) || !isKernelZero(op.getBZero(), true))
    return false;
  QuantMatmulSpec spec;
  spec.k = weight.getType().getDimSize(0),
  spec.n = weight.getType().getDimSize(1);
  if (spec.k == 0 || spec.n == 0)
    return false;
  spec.signedA = !llm::elementOf(op.getA()).isUnsignedInteger();
  spec.signedW = !llm::elementOf(op.getB()).isUnsignedInteger();
  spec.zeroA = bool(op.getAZero());
  CodeBuilder &h = e.host();
  MemTensor a = e.contiguous(op.getA()), out = e.result(op.getResult());
  Value m = e.product(ArrayRef(a.dims).drop_back());
  llm::Dims rows = llm::dimsOf(op.getA());
  rows.back() = llm::constantDim(op.getContext(), 4);
  Value none = h.ci(0);
  SmallVector<Value> args(QuantMatmulArgCount, none);
  args[QuantMatmulA] = a.base, args[QuantMatmulC] = out.base;
  args[QuantMatmulW] = e.weight(packedIntegers(e, weight));
  if (op.getAZero())
    args[QuantMatmulZeroA] = e.get(op.getAZero()).base;
  if (Value zero = op.getBZero()) {
    auto type = cast<RankedTensorType>(zero.getType());
    bool one = type.hasStaticShape() && type.getNumElements() == 1;
    spec.zeroW = one ? QuantMatmulSpec::One : QuantMatmulSpec::PerColumn;
    args[QuantMatmulZeroW] = e.contiguous(zero).base;
  }
  args[QuantMatmulSums] = e.scratch(llm::productOf(op.getContext(), rows));
  args[QuantMatmulM] = m, args[QuantMatmulLda] = h.ci(spec.k);
  e.launch(emitQuantRowSums(e.kernels(), spec), args, m,
           h.ci(std::max<int64_t>(1, 65536 / spec.k)));
  e.launch(emitQuantMatmul(e.kernels(), spec), args,
           quantMatmulTiles(h, spec, m),
           h.ci(std::max<int64_t>(1, 16384 / spec.k)));
  return true;
}

static LogicalResult lowerIntegerMatmul(Operation *op, EntryLowering &e) {
  auto matmul = cast<llm::IntegerMatmulOp>(op);
  if (lowerStoredMatmul(matmul, e))
    return success();
  MemTensor out = e.result(matmul.getResult());
  int64_t rank = out.rank();
  CodeBuilder &h = e.host();
  // Every operand gets the result's rank; dims of 1 stand still.
  auto aligned = [&](Value v) {
    MemTensor t = e.get(v);
    while (t.rank() < rank)
      insertUnit(h, t, 0);
    for (int64_t i = 0; i < rank; ++i)
      t.strides[i] =
          llm::fixedDim(t.shape[i]) == 1
              ? h.ci(0)
              : h.select(h.eq(t.dims[i], h.ci(1)), h.ci(0), t.strides[i]);
    return t;
  };
  SmallVector<PlainTensor> tensors = {
      {aligned(matmul.getA())}, {aligned(matmul.getB())}, {out, true}};
  Value inner = tensors[0].tensor.dims.back(),
        other = tensors[1].tensor.dims[rank - 2];
  if (tensors[0].tensor.shape.back() != tensors[1].tensor.shape[rank - 2])
    e.failIf(h.cmp(CmpI::ne, inner, other), LLMC_FAIL_SHAPE, inner, other);
  unsigned aZero = 0, bZero = 0;
  if (matmul.getAZero())
    aZero = tensors.size(), tensors.push_back({aligned(matmul.getAZero())});
  if (matmul.getBZero())
    bZero = tensors.size(), tensors.push_back({aligned(matmul.getBZero())});
  std::string key = std::to_string(aZero) + "," + std::to_string(bZero);
  launchPlain(e, "integer_matmul", key, tensors, {}, 2, [&](PlainBody &p) {
    CodeBuilder &k = p.k;
    p.forElements(2, [&](Values at) {
      Value sum = k.forLoop(k.ci(0), p.dim(0, rank - 1), k.ci(1), {k.ci32(0)},
                            [&](Value iv, ValueRange carried) -> Values {
                              Values left(at), right(at);
                              left[rank - 1] = iv, right[rank - 2] = iv;
                              Value x = loadWide(p, 0, left),
                                    y = loadWide(p, 1, right);
                              if (aZero)
                                x = k.sub(x, loadWide(p, aZero, left));
                              if (bZero)
                                y = k.sub(y, loadWide(p, bZero, right));
                              return {k.add(carried[0], k.mul(x, y))};
                            })[0];
      p.store(sum, 2, at);
    });
  });
  return success();
}

/// One tile per group of a row.
static LogicalResult lowerFakeQuantize(Operation *op, EntryLowering &e) {
  auto fake = cast<llm::FakeQuantizeOp>(op);
  MemTensor x = e.contiguous(fake.getX()), out = e.result(fake.getResult());
  CodeBuilder &h = e.host();
  int64_t group = fake.getGroupSize();
  Value width = x.dims.back(), groups = h.ceilDiv(width, group);
  // [rows, groups] counts the tiles.
  MemTensor tiles = x;
  tiles.dims = {e.product(ArrayRef(x.dims).drop_back()), groups};
  tiles.strides = {width, h.ci(group)};
  tiles.shape = {x.shape[0], x.shape[0]};
  MemTensor to = tiles;
  to.base = out.base;
  launchPlain(
      e, "fake_quantize", std::to_string(group), {{tiles}, {to, true}}, {width},
      0, 2, [&](PlainBody &p) {
        CodeBuilder &k = p.k;
        p.forTiles(0, 2, [&](Values at) {
          Value first = k.mul(at[1], group);
          Value last = k.min(k.add(first, group), p.extra(0));
          Value row = k.mul(at[0], p.extra(0));
          Type stored = p.element(0);
          auto load = [&](Value i) {
            Value v = k.load(memoryType(stored), p.pointer(0), k.add(row, i));
            return k.convert(fromMemory(k, v, stored), k.f32());
          };
          Value largest = k.forLoop(first, last, k.ci(1), {k.cf(0)},
                                    [&](Value i, ValueRange carried) -> Values {
                                      Value v = k.abs(load(i));
                                      return {k.max(v, carried[0])};
                                    })[0];
          Value none = k.cmp(CmpF::OEQ, largest, k.cf(0));
          Value scale = k.div(largest, k.cf(127));
          Value inverse = k.select(none, k.cf(0), k.div(k.cf(127), largest));
          k.forLoop(first, last, k.ci(1), [&](Value i) {
            Value v = k.mul(k.roundEven(k.mul(load(i), inverse)), scale);
            v = toMemory(k, k.convert(v, computeType(stored)), stored);
            k.store(v, p.pointer(1), k.add(row, i));
          });
        });
      });
  return success();
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
  stored.scales = tensor(e.weights().packed(m->scales), m->scales);
  auto q = cast<IntegerType>(m->q.getType().getElementType());
  QuantizedFormat &f = stored.format;
  f.bits = q.getWidth(), f.isSigned = !q.isUnsigned();
  f.k = m->q.getType().getDimSize(0), f.group = m->group, f.zero = m->zero;
  f.scale = m->scales.getType().getElementType();
  if (m->codebook)
    f.codebook.append(m->codebook.asArrayRef().begin(),
                      m->codebook.asArrayRef().end());
  if (m->zeros) {
    stored.zeros = tensor(e.weights().packed(m->zeros), m->zeros);
    Type zero = m->zeros.getType().getElementType();
    f.zeros = isa<FloatType>(zero) ? zero : e.host().i8();
  }
  return stored;
}

void addQuantLowerings(LoweringTable &table) {
  table["llm.quantize"] = lowerQuantize;
  table["llm.dequantize"] = lowerDequantize;
  table["llm.dynamic_quantize"] = lowerDynamicQuantize;
  table["llm.integer_matmul"] = lowerIntegerMatmul;
  table["llm.fake_quantize"] = lowerFakeQuantize;
}

} // namespace llmc
