// SPDX-License-Identifier: Apache-2.0
// Quantization as ONNX spells it: QuantizeLinear, DequantizeLinear and the
// products of integers.
#include "frontend/onnx/rules/Quant.h"

using namespace mlir;

namespace llmc::onnx {

bool isQuantizedType(Type t) {
  if (auto f = dyn_cast<FloatType>(t))
    return f.getWidth() <= 8;
  return !t.isInteger(1) && t.getIntOrFloatBitWidth() <= 16;
}

Value scalarized(Binder &b, Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  if (type.getRank() == 1 && type.getDimSize(0) == 1)
    return b.reshape(x, {});
  return x;
}

namespace {
struct AxisAndBlock {
  int64_t axis, block;
};
} // namespace

/// The attributes, with the axis checked where it means something.
static AxisAndBlock axisOf(Binder &b, Value scale) {
  int64_t rank = b.rank(0), block = b.intAttr("block_size", 0);
  bool oneScale = llm::rankOf(scale) == 0;
  if (block < 0)
    b.fail("block_size " + Twine(block) + " is negative");
  if (block == 0 && llm::rankOf(scale) > 1)
    b.fail("has scales of rank " + Twine(llm::rankOf(scale)) +
           " and no block_size");
  int64_t axis = 0;
  if (!oneScale || b.attr("axis"))
    axis = b.axisAttr("axis", 1, rank);
  // One scale: nothing to tell apart.
  if (oneScale)
    return {0, 0};
  return {axis, block};
}

static Type elementAttr(Binder &b, StringRef name) {
  int64_t number = b.intAttr(name, 0);
  if (number == 0)
    return {};
  Type element = number > 0 && number <= INT32_MAX
                     ? mlirType(b.ctx, static_cast<int32_t>(number))
                     : Type();
  if (!element)
    b.fail(name + " " + Twine(number) + " is not an element type of tensors");
  return element;
}

static void checkScale(Binder &b, Type scale) {
  if (!isa<FloatType>(scale))
    b.fail("needs scales of floats, not " + describe(b.type(1)));
}

/// Input 2, if any, with as many dims as the scale: where one of them is known
/// to be one number, so is the other, or the call fails.
static Value zeroLike(Binder &b, Value &scale) {
  if (!b.has(2))
    return {};
  Value zero = scalarized(b, b.in(2));
  if (llm::rankOf(scale) == 1 && llm::rankOf(zero) == 0)
    scale = b.reshape(scale, {});
  else if (llm::rankOf(scale) == 0 && llm::rankOf(zero) == 1)
    zero = b.reshape(zero, {});
  return zero;
}

static void importQuantizeLinear(Binder &b) {
  Value x = b.in(0), scale = scalarized(b, b.in(1));
  checkScale(b, b.element(1));
  Type from = b.element(0);
  bool isNumber = isa<FloatType>(from) ? from.getIntOrFloatBitWidth() >= 16
                                       : from.isSignlessInteger(32);
  if (!isNumber)
    b.fail("quantizes floats, not " + describe(b.type(0)));
  Type asked = elementAttr(b, "output_dtype");
  Type element = b.has(2) ? b.element(2) : asked;
  if (!element)
    element = IntegerType::get(b.ctx, 8, IntegerType::Unsigned);
  if (asked && asked != element)
    b.fail("output_dtype differs from the type of the zero point");
  if (!isQuantizedType(element))
    b.fail("quantizes to integers or floats of few bits, not to tensors like " +
           describe(RankedTensorType::get({}, element)));
  Value zero = zeroLike(b, scale);
  auto [axis, block] = axisOf(b, scale);
  // From opset 23 on the quotient has the scale's type unless said otherwise.
  Type precision = elementAttr(b, "precision");
  if (!precision && b.version() >= 23)
    precision = b.element(1);
  TypeAttr rounded;
  if (precision && isa<FloatType>(precision) &&
      precision.getIntOrFloatBitWidth() == 16)
    rounded = TypeAttr::get(precision);
  bool saturate = b.intAttr("saturate", 1) != 0;
  b.set(0,
        checked(b, llm::QuantizeOp::create(
                       b.builder, b.loc, llm::withElement(x.getType(), element),
                       x, scale, zero, axis, block, saturate, rounded)));
}

static void importDequantizeLinear(Binder &b) {
  Value x = b.in(0), scale = scalarized(b, b.in(1));
  checkScale(b, b.element(1));
  if (!isQuantizedType(b.element(0)) && !b.element(0).isSignlessInteger(32))
    b.fail("dequantizes integers or floats of few bits, not " +
           describe(b.type(0)));
  Type to = elementAttr(b, "output_dtype");
  if (!to)
    to = b.element(1);
  if (!isa<FloatType>(to) || to.getIntOrFloatBitWidth() < 16)
    b.fail("dequantizes to floats of 16 bits or more");
  Value zero = zeroLike(b, scale);
  auto [axis, block] = axisOf(b, scale);
  b.set(0, checked(b, llm::DequantizeOp::create(
                          b.builder, b.loc, llm::withElement(x.getType(), to),
                          x, scale, zero, axis, block)));
}

llm::DynamicQuantizeOp makeDynamicQuantize(Binder &b, Value x) {
  Type byte = IntegerType::get(b.ctx, 8, IntegerType::Unsigned);
  return llm::DynamicQuantizeOp::create(
      b.builder, b.loc, llm::withElement(x.getType(), byte),
      RankedTensorType::get({}, llm::elementOf(x)),
      RankedTensorType::get({}, byte), x);
}

static void importDynamicQuantizeLinear(Binder &b) {
  if (!b.element(0).isF32())
    b.fail("quantizes floats, not " + describe(b.type(0)));
  auto op = makeDynamicQuantize(b, b.in(0));
  for (size_t i = 0; i < 3; ++i)
    b.set(i, op->getResult(i));
}

/// A zero point of a matrix as one that broadcasts to it: rows of a, columns of
/// b.
static Value matrixParameter(Binder &b, Value zero, bool rows) {
  if (!zero)
    return zero;
  zero = scalarized(b, zero);
  llm::Dims dims = llm::dimsOf(zero);
  if (rows && dims.size() == 1) {
    dims.push_back(b.constantDim(1));
    return b.reshape(zero, dims);
  }
  return zero;
}

Value integerMatmul(Binder &b, Value x, Value y, Value xZero, Value yZero) {
  auto isByte = [](Value v) {
    Type t = llm::elementOf(v);
    return t.isSignlessInteger(8) || t.isUnsignedInteger(8);
  };
  if (!isByte(x) || !isByte(y))
    b.fail("multiplies integers of 8 bits, not " +
           describe(cast<RankedTensorType>(x.getType())) + " and " +
           describe(cast<RankedTensorType>(y.getType())));
  // Vectors are matrices of one row or column, as in NumPy.
  bool row = llm::rankOf(x) == 1, column = llm::rankOf(y) == 1;
  llm::Dim one = b.constantDim(1);
  if (llm::rankOf(x) == 0 || llm::rankOf(y) == 0)
    b.fail("needs operands of rank 1 or more");
  if (row)
    x = b.reshape(x, {one, llm::dimsOf(x)[0]});
  if (column)
    y = b.reshape(y, {llm::dimsOf(y)[0], one});
  llm::Dims left = llm::dimsOf(x), right = llm::dimsOf(y);
  auto dims =
      llm::broadcastDims(ArrayRef(left).drop_back(2),
                         ArrayRef(right).drop_back(2), &b.sizes.table());
  if (failed(dims))
    b.fail("batch dims that don't broadcast");
  llm::Dims whole = *dims;
  whole.push_back(left[left.size() - 2]), whole.push_back(right.back());
  Value product =
      checked(b, llm::IntegerMatmulOp::create(
                     b.builder, b.loc, b.tensor(whole, b.builder.getI32Type()),
                     x, y, matrixParameter(b, xZero, true),
                     matrixParameter(b, yZero, false)));
  if (!row && !column)
    return product;
  llm::Dims kept(dims->begin(), dims->end());
  if (!row)
    kept.push_back(left[left.size() - 2]);
  if (!column)
    kept.push_back(right.back());
  return b.reshape(product, kept);
}

static void importMatMulInteger(Binder &b) {
  b.set(0, integerMatmul(b, b.in(0), b.in(1), b.maybe(2), b.maybe(3)));
}

/// round(a x b * (a_scale * b_scale / y_scale)) + y_zero: the scales make one
/// factor first, as ONNX Runtime does.
static void importQLinearMatMul(Binder &b) {
  Type f32 = b.builder.getF32Type();
  Value product = integerMatmul(b, b.in(0), b.in(3), b.in(2), b.in(5));
  auto scale = [&](size_t i, bool rows) {
    if (!isa<FloatType>(b.element(i)))
      b.fail("needs scales of floats, not " + describe(b.type(i)));
    return b.cast(matrixParameter(b, b.in(i), rows), f32);
  };
  Value factor = b.make<llm::MulOp>({scale(1, true), scale(4, false)});
  factor = b.make<llm::DivOp>({factor, scale(6, true)});
  Value exact = b.make<llm::MulOp>({b.cast(product, f32), factor});
  Value zero = matrixParameter(b, b.in(7), true);
  if (llm::rankOf(zero) != 0)
    b.unsupported("a zero point of the result per row is not supported");
  Value one = b.scalarFloat(f32, 1.0);
  b.set(0, checked(b, llm::QuantizeOp::create(
                          b.builder, b.loc,
                          llm::withElement(exact.getType(), b.element(7)),
                          exact, one, zero, 0, 0, true, TypeAttr())));
}

void addQuantRules(RuleTable &rules) {
  rules.add({"QuantizeLinear"}, importQuantizeLinear);
  rules.add(kMicrosoft, {"QuantizeLinear"}, importQuantizeLinear);
  rules.add({"DequantizeLinear"}, importDequantizeLinear);
  rules.add(kMicrosoft, {"DequantizeLinear"}, importDequantizeLinear);
  rules.add({"DynamicQuantizeLinear"}, importDynamicQuantizeLinear);
  rules.add({"MatMulInteger"}, importMatMulInteger);
  rules.add({"QLinearMatMul"}, importQLinearMatMul);
  addQuantContribRules(rules);
  addQuantConvRules(rules);
  addQuantFloatRules(rules);
  addQuantizedOpRules(rules);
}

} // namespace llmc::onnx
