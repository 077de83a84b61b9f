// SPDX-License-Identifier: Apache-2.0
// CodeBuilder: memory, control flow and conversions.
#include "codegen/cpu/CodeBuilder.h"
#include "codegen/cpu/Elements.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace llmc {

Value CodeBuilder::address(Value base, Type element, Value index,
                           int64_t offset) {
  // A predicate is stored as one byte.
  Type stored = element.isInteger(1) ? i8() : element;
  if (index)
    base = LLVM::GEPOp::create(b, loc, ptr(), stored, base,
                               ArrayRef<LLVM::GEPArg>{index});
  if (offset)
    base = LLVM::GEPOp::create(
        b, loc, ptr(), stored, base,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  return base;
}

// Predicates (i1) live in memory as one byte each, 0 or 1; any other byte reads
// as true.
static Type storedType(CodeBuilder &k, Type type) {
  return elementType(type).isInteger(1) ? k.like(type, k.i8()) : type;
}

static Value fromStored(CodeBuilder &k, Value value, Type type) {
  return value.getType() == type ? value
                                 : k.convert(value, k.builder().getI1Type());
}

static Value toStored(CodeBuilder &k, Value value) {
  return elementType(value.getType()).isInteger(1) ? k.convert(value, k.i8())
                                                   : value;
}

Value CodeBuilder::load(Type type, Value base, Value index, int64_t offset,
                        unsigned align) {
  Value from = address(base, elementType(type), index, offset);
  Value raw = LLVM::LoadOp::create(b, loc, storedType(*this, type), from,
                                   align ? align : elementBytes(type));
  return fromStored(*this, raw, type);
}

void CodeBuilder::store(Value value, Value base, Value index, int64_t offset,
                        unsigned align) {
  Value to = address(base, elementType(value.getType()), index, offset);
  value = toStored(*this, value);
  LLVM::StoreOp::create(b, loc, value, to,
                        align ? align : elementBytes(value.getType()));
}

Value CodeBuilder::tailMask(Value count, int64_t lanes) {
  Value narrow = arith::TruncIOp::create(b, loc, i32(), min(count, ci(lanes)));
  return cmp(CmpI::slt, iota(lanes, i32()), broadcast(narrow, lanes));
}

Value CodeBuilder::maskedLoad(Type vector, Value mask, Value base, Value index,
                              int64_t offset, Value fill) {
  if (!mask)
    return load(vector, base, index, offset);
  Value from = address(base, elementType(vector), index, offset);
  Type stored = storedType(*this, vector);
  Value rest = fill ? toStored(*this, fill) : zero(stored);
  Value raw = LLVM::MaskedLoadOp::create(b, loc, stored, from, mask, rest,
                                         elementBytes(vector));
  return fromStored(*this, raw, vector);
}

void CodeBuilder::maskedStore(Value value, Value mask, Value base, Value index,
                              int64_t offset) {
  if (!mask)
    return store(value, base, index, offset);
  Value to = address(base, elementType(value.getType()), index, offset);
  value = toStored(*this, value);
  LLVM::MaskedStoreOp::create(b, loc, value, to, mask,
                              elementBytes(value.getType()));
}

void CodeBuilder::prefetch(Value base, Type element, Value index,
                           int64_t offsetBytes, int level) {
  Value at = address(address(base, element, index), i8(), Value(), offsetBytes);
  LLVM::Prefetch::create(b, loc, at, /*rw=*/0, level, /*cache=*/1);
}

Value CodeBuilder::stackBuffer(Type element, int64_t count, unsigned align) {
  return LLVM::AllocaOp::create(b, loc, ptr(), element, ci(count), align);
}

Values CodeBuilder::forLoop(Value lower, Value upper, Value step,
                            ValueRange inits, LoopBody body) {
  auto loop = scf::ForOp::create(
      b, loc, lower, upper, step, inits,
      [&](OpBuilder &, Location, Value iv, ValueRange carried) {
        Values next = body(iv, carried);
        scf::YieldOp::create(b, loc, next);
      });
  return Values(loop.getResults());
}

void CodeBuilder::forLoop(Value lower, Value upper, Value step,
                          llvm::function_ref<void(Value)> body) {
  forLoop(lower, upper, step, ValueRange(),
          [&](Value iv, ValueRange) -> Values {
            body(iv);
            return {};
          });
}

Values CodeBuilder::forVectors(Value count, int64_t unroll, ValueRange inits,
                               VectorBody body) {
  int64_t width = inits.size() / std::max<int64_t>(unroll, 1),
          step = lanes() * unroll;
  Value bulk = mul(divSize(count, step), step),
        whole = mul(divSize(count, lanes()), lanes());
  Values carried =
      forLoop(ci(0), bulk, ci(step), inits, [&](Value i, ValueRange sets) {
        Values next;
        for (int64_t u = 0; u < unroll; ++u)
          next.append(body(u ? add(i, u * lanes()) : i, Value(),
                           Values(sets.slice(u * width, width))));
        return next;
      });
  // What is left goes into the first set.
  auto first = [&](Value i, Value mask, ValueRange from) {
    return body(i, mask, Values(from.take_front(width)));
  };
  Values head(ValueRange(carried).take_front(width));
  if (unroll > 1)
    head = forLoop(bulk, whole, ci(lanes()), head,
                   [&](Value i, ValueRange c) { return first(i, Value(), c); });
  if (lanes() > 1) {
    Value left = sub(count, whole);
    auto tail = [&] { return first(whole, tailMask(left, lanes()), head); };
    if (width == 0)
      ifThen(cmp(CmpI::sgt, left, ci(0)), [&] { tail(); });
    else
      head = ifElse(cmp(CmpI::sgt, left, ci(0)), tail, [&] { return head; });
  }
  llvm::copy(head, carried.begin());
  return carried;
}

void CodeBuilder::forVectors(
    Value count, llvm::function_ref<void(Value i, Value mask)> body) {
  forVectors(count, 1, ValueRange(),
             [&](Value i, Value mask, Values) -> Values {
               body(i, mask);
               return {};
             });
}

Values CodeBuilder::ifElse(Value condition, llvm::function_ref<Values()> yes,
                           llvm::function_ref<Values()> no) {
  auto region = [&](llvm::function_ref<Values()> fill) {
    return [this, fill](OpBuilder &, Location) {
      scf::YieldOp::create(b, loc, fill());
    };
  };
  auto op = scf::IfOp::create(b, loc, condition, region(yes), region(no));
  return Values(op.getResults());
}

void CodeBuilder::ifThen(Value condition, llvm::function_ref<void()> yes) {
  scf::IfOp::create(b, loc, condition, [&](OpBuilder &, Location) {
    yes();
    scf::YieldOp::create(b, loc);
  });
}

void CodeBuilder::ifElseDo(Value condition, llvm::function_ref<void()> yes,
                           llvm::function_ref<void()> no) {
  ifElse(
      condition, [&]() -> Values { return yes(), Values(); },
      [&]() -> Values { return no(), Values(); });
}

void CodeBuilder::switchOn(Value value, ArrayRef<std::function<void()>> cases) {
  SmallVector<int64_t> keys;
  for (size_t i = 0; i + 1 < cases.size(); ++i)
    keys.push_back(i);
  Value key = arith::IndexCastOp::create(b, loc, b.getIndexType(), value);
  auto op =
      scf::IndexSwitchOp::create(b, loc, TypeRange(), key, keys, keys.size());
  auto fill = [&](Region &region, const std::function<void()> &body) {
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(&region);
    body();
    scf::YieldOp::create(b, loc);
  };
  for (size_t i = 0; i + 1 < cases.size(); ++i)
    fill(op.getCaseRegions()[i], cases[i]);
  fill(op.getDefaultRegion(), cases.back());
}

static Value floatToInt(CodeBuilder &k, Value x, Type to, bool isUnsigned) {
  // The saturating form: C leaves out-of-range conversions undefined, and
  // LLVM's plain one would give poison.
  if (to.getIntOrFloatBitWidth() < 8)
    return k.convert(floatToInt(k, x, k.i32(), /*isUnsigned=*/false), to);
  Type type = k.like(x.getType(), to);
  StringRef name = isUnsigned ? "llvm.fptoui.sat" : "llvm.fptosi.sat";
  return k.intrinsic(name, type, x);
}

/// f32 to bf16 with round to nearest even by integer arithmetic: most targets
/// have no instruction for it.
static Value toBF16(CodeBuilder &k, Value x) {
  Type bits = k.like(x.getType(), k.i32());
  Value raw = k.bitcast(x, k.i32());
  Value odd = k.bitAnd(k.shrUnsigned(raw, k.constantInt(bits, 16)),
                       k.constantInt(bits, 1));
  Value rounded = k.add(k.add(raw, k.constantInt(bits, 0x7fff)), odd);
  Value quiet = k.bitOr(raw, k.constantInt(bits, 0x400000));
  Value word = k.select(k.cmp(CmpF::UNO, x, x), quiet, rounded);
  Value high = k.convert(k.shrUnsigned(word, k.constantInt(bits, 16)),
                         k.builder().getIntegerType(16));
  return k.bitcast(high, k.builder().getBF16Type());
}

static Value fromBF16(CodeBuilder &k, Value x) {
  Value raw = k.convert(k.bitcast(x, k.builder().getIntegerType(16)), k.i32(),
                        /*isUnsigned=*/true);
  return k.bitcast(k.shl(raw, k.constantInt(raw.getType(), 16)), k.f32());
}

Value roundToOdd(CodeBuilder &k, Value x) {
  Type type = k.like(x.getType(), k.f32());
  Value near = arith::TruncFOp::create(k.builder(), k.location(), type, x),
        back = k.convert(near, k.f64()), bits = k.bitcast(near, k.i32());
  Value one = k.constantInt(bits.getType(), 1);
  Value isEven = k.eq(k.bitAnd(bits, one), k.zero(bits.getType())),
        isInexact = k.cmp(CmpF::ONE, back, x),
        isAbove = k.cmp(CmpF::OGT, k.abs(back), k.abs(x));
  Value odd = k.select(isAbove, k.sub(bits, one), k.add(bits, one));
  return k.bitcast(k.select(k.bitAnd(isEven, isInexact), odd, bits), k.f32());
}

static Value floatToFloat(CodeBuilder &k, Value x, Type to) {
  Type from = elementType(x.getType());
  if (from.isF64() && to.getIntOrFloatBitWidth() < 32)
    x = roundToOdd(k, x), from = k.f32();
  if (from.isBF16())
    return k.convert(fromBF16(k, x), to);
  if (to.isBF16())
    return toBF16(k, k.convert(x, k.f32()));
  Type type = k.like(x.getType(), to);
  if (from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(k.builder(), k.location(), type, x);
  return arith::TruncFOp::create(k.builder(), k.location(), type, x);
}

static Value intToInt(CodeBuilder &k, Value x, Type to, bool isUnsigned) {
  Type type = k.like(x.getType(), to);
  unsigned from = elementType(x.getType()).getIntOrFloatBitWidth(),
           into = to.getIntOrFloatBitWidth();
  if (to.isInteger(1))
    return k.cmp(CmpI::ne, x, k.zero(x.getType()));
  if (from > into)
    return arith::TruncIOp::create(k.builder(), k.location(), type, x);
  if (isUnsigned || from == 1)
    return arith::ExtUIOp::create(k.builder(), k.location(), type, x);
  return arith::ExtSIOp::create(k.builder(), k.location(), type, x);
}

Value CodeBuilder::convert(Value x, Type element, bool isUnsigned) {
  Type from = elementType(x.getType());
  if (from == element)
    return x;
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(element);
  if (fromFloat && toFloat)
    return floatToFloat(*this, x, element);
  if (!fromFloat && !toFloat)
    return intToInt(*this, x, element, isUnsigned);
  if (fromFloat && element.isInteger(1))
    return cmp(CmpF::UNE, x, zero(x.getType()));
  if (fromFloat)
    return floatToInt(*this, from.isBF16() ? convert(x, f32()) : x, element,
                      isUnsigned);
  if (element.isBF16())
    return convert(convert(x, f32(), isUnsigned), element);
  Type type = like(x.getType(), element);
  if (isUnsigned || from.isInteger(1))
    return arith::UIToFPOp::create(b, loc, type, x);
  return arith::SIToFPOp::create(b, loc, type, x);
}

} // namespace llmc
