// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/CodeBuilder.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace llmc {

int64_t laneCount(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getNumElements() : 1;
}

Type elementType(Type type) { return getElementTypeOrSelf(type); }

unsigned elementBytes(Type type) {
  Type element = elementType(type);
  return element.isIntOrFloat() ? (element.getIntOrFloatBitWidth() + 7) / 8 : 8;
}

static bool isFloat(Value x) {
  return isa<FloatType>(elementType(x.getType()));
}

Type CodeBuilder::vec(int64_t count, Type element) {
  return count == 1 ? element : VectorType::get(count, element);
}

Type CodeBuilder::like(Type shape, Type element) {
  return vec(laneCount(shape), element);
}

Value CodeBuilder::constant(Type type, double value) {
  auto element = dyn_cast<FloatType>(elementType(type));
  if (!element)
    return constantInt(type, static_cast<int64_t>(value));
  TypedAttr attr = FloatAttr::get(element, value);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, attr);
  return arith::ConstantOp::create(b, loc, attr);
}

Value CodeBuilder::constantInt(Type type, int64_t value) {
  Type element = elementType(type);
  if (isa<FloatType>(element))
    return constant(type, static_cast<double>(value));
  unsigned bits = element.getIntOrFloatBitWidth();
  TypedAttr attr = IntegerAttr::get(
      element, APInt(64, value, /*isSigned=*/true).trunc(bits));
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, attr);
  return arith::ConstantOp::create(b, loc, attr);
}

Value CodeBuilder::zero(Type type) { return constantInt(type, 0); }

Value CodeBuilder::iota(int64_t count, Type element) {
  if (count == 1)
    return zero(element);
  SmallVector<APInt> lanes;
  for (int64_t i = 0; i < count; ++i)
    lanes.push_back(APInt(element.getIntOrFloatBitWidth(), i));
  return arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(VectorType::get(count, element), lanes));
}

#define LLMC_BY_TYPE(NAME, FLOAT, INT)                                         \
  Value CodeBuilder::NAME(Value x, Value y) {                                  \
    return isFloat(x) ? Value(arith::FLOAT::create(b, loc, x, y))              \
                      : Value(arith::INT::create(b, loc, x, y));               \
  }
LLMC_BY_TYPE(add, AddFOp, AddIOp)
LLMC_BY_TYPE(sub, SubFOp, SubIOp)
LLMC_BY_TYPE(mul, MulFOp, MulIOp)
LLMC_BY_TYPE(div, DivFOp, DivSIOp)
LLMC_BY_TYPE(rem, RemFOp, RemSIOp)
LLMC_BY_TYPE(maximum, MaximumFOp, MaxSIOp)
LLMC_BY_TYPE(minimum, MinimumFOp, MinSIOp)
#undef LLMC_BY_TYPE

Value CodeBuilder::neg(Value x) {
  return isFloat(x) ? Value(arith::NegFOp::create(b, loc, x))
                    : sub(zero(x.getType()), x);
}

Value CodeBuilder::divSize(Value x, Value y) {
  return arith::DivUIOp::create(b, loc, x, y);
}
Value CodeBuilder::remSize(Value x, Value y) {
  return arith::RemUIOp::create(b, loc, x, y);
}

Value CodeBuilder::max(Value x, Value y) {
  return isFloat(x) ? select(cmp(CmpF::OGT, x, y), x, y)
                    : Value(arith::MaxSIOp::create(b, loc, x, y));
}

Value CodeBuilder::min(Value x, Value y) {
  return isFloat(x) ? select(cmp(CmpF::OLT, x, y), x, y)
                    : Value(arith::MinSIOp::create(b, loc, x, y));
}

Value CodeBuilder::fma(Value x, Value y, Value z) {
  return cpu.fma ? Value(math::FmaOp::create(b, loc, x, y, z))
                 : add(mul(x, y), z);
}

Value CodeBuilder::pairElement(Value pairs, bool second) {
  Type type = pairs.getType();
  return bitcast(second ? bitAnd(pairs, constantInt(type, -0x10000))
                        : shl(pairs, constantInt(type, 16)),
                 f32());
}

Value CodeBuilder::onPairs(StringRef name, Value x, Value y, Value z) {
  Type halves = vec(2 * lanes(), b.getBF16Type());
  auto ofHalves = [&](Value words) -> Value {
    return LLVM::BitcastOp::create(b, loc, halves, words);
  };
  return intrinsic(name, z.getType(), {z, ofHalves(x), ofHalves(y)});
}

Value CodeBuilder::dotPairs(Value x, Value y, Value z) {
  if (!cpu.pairDot) {
    for (bool second : {false, true})
      z = fma(pairElement(x, second), pairElement(y, second), z);
    return z;
  }
  return onPairs(lanes() == 16 ? "llvm.x86.avx512bf16.dpbf16ps.512"
                               : "llvm.aarch64.neon.bfdot.v4f32.v8bf16",
                 x, y, z);
}

Value CodeBuilder::dotPairSquares(Value x, Value y, Value z) {
  return onPairs("llvm.aarch64.neon.bfmmla", x, y, z);
}

Value CodeBuilder::intrinsic(StringRef name, Type type, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                       operands)
      .getResult(0);
}

Value CodeBuilder::sqrt(Value x) { return math::SqrtOp::create(b, loc, x); }
Value CodeBuilder::abs(Value x) {
  return isFloat(x) ? Value(math::AbsFOp::create(b, loc, x))
                    : Value(math::AbsIOp::create(b, loc, x));
}
Value CodeBuilder::floor(Value x) { return math::FloorOp::create(b, loc, x); }
Value CodeBuilder::ceil(Value x) { return math::CeilOp::create(b, loc, x); }
Value CodeBuilder::roundEven(Value x) {
  return math::RoundEvenOp::create(b, loc, x);
}
Value CodeBuilder::trunc(Value x) { return math::TruncOp::create(b, loc, x); }
Value CodeBuilder::copySign(Value magnitude, Value sign) {
  Type type = magnitude.getType();
  if (!elementType(type).isF64())
    return math::CopySignOp::create(b, loc, magnitude, sign);
  // The op moves behind a conversion to a half, where LLVM turns the double
  // that has the sign into a half as well: a library call.
  Value bits = bitcast(sign, i64()), value = abs(magnitude);
  return select(lt(bits, zero(bits.getType())), neg(value), value);
}

Value CodeBuilder::bitAnd(Value x, Value y) {
  return arith::AndIOp::create(b, loc, x, y);
}
Value CodeBuilder::bitOr(Value x, Value y) {
  return arith::OrIOp::create(b, loc, x, y);
}
Value CodeBuilder::bitXor(Value x, Value y) {
  return arith::XOrIOp::create(b, loc, x, y);
}
Value CodeBuilder::shl(Value x, Value y) {
  return arith::ShLIOp::create(b, loc, x, y);
}
Value CodeBuilder::shrSigned(Value x, Value y) {
  return arith::ShRSIOp::create(b, loc, x, y);
}
Value CodeBuilder::shrUnsigned(Value x, Value y) {
  return arith::ShRUIOp::create(b, loc, x, y);
}

Value CodeBuilder::bitcast(Value x, Type element) {
  return arith::BitcastOp::create(b, loc, like(x.getType(), element), x);
}

Value CodeBuilder::cmp(CmpI predicate, Value x, Value y) {
  return arith::CmpIOp::create(b, loc, predicate, x, y);
}
Value CodeBuilder::cmp(CmpF predicate, Value x, Value y) {
  return arith::CmpFOp::create(b, loc, predicate, x, y);
}
Value CodeBuilder::lt(Value x, Value y) {
  return isFloat(x) ? cmp(CmpF::OLT, x, y) : cmp(CmpI::slt, x, y);
}
Value CodeBuilder::eq(Value x, Value y) {
  return isFloat(x) ? cmp(CmpF::OEQ, x, y) : cmp(CmpI::eq, x, y);
}
Value CodeBuilder::select(Value condition, Value yes, Value no) {
  return arith::SelectOp::create(b, loc, condition, yes, no);
}

Value CodeBuilder::broadcast(Value scalar, int64_t count) {
  if (count == 1)
    return scalar;
  return vector::BroadcastOp::create(
      b, loc, VectorType::get(count, scalar.getType()), scalar);
}

Value CodeBuilder::extract(Value vector, int64_t lane) {
  return laneCount(vector.getType()) == 1
             ? vector
             : Value(vector::ExtractOp::create(b, loc, vector, lane));
}

Value CodeBuilder::shuffle(Value x, Value y, ArrayRef<int64_t> lanes) {
  return vector::ShuffleOp::create(b, loc, x, y, lanes);
}

Value CodeBuilder::reduce(Value vector,
                          llvm::function_ref<Value(Value, Value)> fold) {
  for (int64_t count = laneCount(vector.getType()); count > 1; count /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < count / 2; ++i) {
      low.push_back(i);
      high.push_back(i + count / 2);
    }
    vector = count == 2 ? fold(extract(vector, 0), extract(vector, 1))
                        : fold(shuffle(vector, vector, low),
                               shuffle(vector, vector, high));
  }
  return vector;
}

Value CodeBuilder::reduceAdd(Value vector) {
  return reduce(vector, [&](Value x, Value y) { return add(x, y); });
}

Value CodeBuilder::reduceMax(Value vector) {
  return reduce(vector, [&](Value x, Value y) { return max(x, y); });
}

} // namespace llmc
