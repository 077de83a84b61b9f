// SPDX-License-Identifier: Apache-2.0
// Ops of com.microsoft whose operands and results are quantized tensors with
// their scales: what they compute on the numbers behind, rounded again.
#include "frontend/onnx/rules/Quant.h"
#include "frontend/onnx/rules/SlidingWindow.h"
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

/// A scale or zero point that is one for the whole tensor.
static Value parameter(Binder &b, size_t i) {
  Value v = scalarized(b, b.in(i));
  if (llm::rankOf(v) != 0)
    b.fail("needs one number as input " + Twine(i) + ", not " +
           describe(b.type(i)));
  return v;
}

static Value dequantized(Binder &b, Value x, Value scale, Value zero) {
  if (!isa<FloatType>(llm::elementOf(scale)))
    b.fail("needs scales of floats");
  return checked(b, llm::DequantizeOp::create(
                        b.builder, b.loc,
                        llm::withElement(x.getType(), llm::elementOf(scale)), x,
                        scale, zero, 0, 0));
}

static Value quantized(Binder &b, Value y, Value scale, Value zero,
                       Type element) {
  if (zero)
    element = llm::elementOf(zero);
  return checked(
      b, llm::QuantizeOp::create(b.builder, b.loc,
                                 llm::withElement(y.getType(), element), y,
                                 scale, zero, 0, 0, true, TypeAttr()));
}

/// Inputs i, i + 1 and i + 2 (may be absent): a tensor, its scale, its zero
/// point.
static Value realInput(Binder &b, size_t i) {
  if (!isQuantizedType(b.element(i)))
    b.fail("needs integers of few bits as input " + Twine(i) + ", not " +
           describe(b.type(i)));
  return dequantized(b, b.in(i), parameter(b, i + 1),
                     b.has(i + 2) ? parameter(b, i + 2) : Value());
}

/// The result in the type of input 0, by the scale at input i and the zero
/// point behind it.
static void setQuantized(Binder &b, Value y, size_t i) {
  Value zero = b.has(i + 1) ? parameter(b, i + 1) : Value();
  b.set(0, quantized(b, y, parameter(b, i), zero, b.element(0)));
}

/// Here onnxruntime adds the zero point before it rounds, which tells halves
/// apart.
template <typename OpTy> static void importBinary(Binder &b) {
  Value x = realInput(b, 0), y = realInput(b, 3);
  Value real = div(b, b.make<OpTy>({x, y}), parameter(b, 6));
  Type scale = llm::elementOf(real), element = b.element(0);
  if (b.has(7)) {
    Value zero = parameter(b, 7);
    element = llm::elementOf(zero);
    real = add(b, real, b.cast(zero, scale));
  }
  b.set(0, quantized(b, real, b.scalarFloat(scale, 1.0), Value(), element));
}

static void importQLinearSigmoid(Binder &b) {
  setQuantized(b, b.make<llm::SigmoidOp>(realInput(b, 0)), 3);
}

static void importQLinearLeakyRelu(Binder &b) {
  Value x = realInput(b, 0);
  Value slope = b.make<llm::MulOp>(
      {x, b.scalarFloat(llm::elementOf(x), b.floatAttr("alpha", 0.01))});
  Value zero = b.scalarFloat(llm::elementOf(x), 0.0);
  Value below = b.make<llm::LessOp>({x, zero});
  setQuantized(b, b.make<llm::WhereOp>({below, slope, x}), 3);
}

/// Below opset 13 everything from the axis on is one row.
static void importQLinearSoftmax(Binder &b) {
  Value x = realInput(b, 0);
  int64_t rank = llm::rankOf(x), opset = b.requiredInt("opset");
  int64_t axis = b.axisAttr("axis", opset < 13 ? 1 : -1, rank);
  llm::Dims dims = llm::dimsOf(x);
  bool flat = opset < 13 && axis != rank - 1;
  if (flat) {
    ArrayRef<llm::Dim> all(dims);
    x = b.reshape(x, {llm::productOf(b.ctx, all.take_front(axis)),
                      llm::productOf(b.ctx, all.drop_front(axis))});
    axis = 1;
  }
  Value y = b.make<llm::SoftmaxOp>(x, b.named("axis", axis));
  setQuantized(b, flat ? b.reshape(y, dims) : y, 3);
}

/// Y's scale and zero point, then three inputs per part.
static void importQLinearConcat(Binder &b) {
  SmallVector<Value> parts;
  if (b.numInputs() < 5 || (b.numInputs() - 2) % 3)
    b.fail("needs a tensor, a scale and a zero point for every part");
  Value scale = parameter(b, 0), zero = parameter(b, 1);
  for (size_t i = 2; i < b.numInputs(); i += 3)
    parts.push_back(quantized(b, realInput(b, i), scale, zero, b.element(i)));
  int64_t axis = b.axis(b.requiredInt("axis"), llm::rankOf(parts[0]));
  b.set(0, b.concat(parts, axis));
}

static void importQLinearWhere(Binder &b) {
  Value x = realInput(b, 1), y = realInput(b, 4);
  Value chosen = b.make<llm::WhereOp>({b.in(0), x, y});
  b.set(0, quantized(b, chosen, parameter(b, 7), parameter(b, 8), {}));
}

static void importQLinearAveragePool(Binder &b) {
  if (b.intAttr("channels_last", 0))
    b.unsupported("channels_last is not supported");
  setQuantized(b, averagePool(b, realInput(b, 0)), 3);
}

static void importQLinearGlobalAveragePool(Binder &b) {
  int64_t rank = b.rank(0);
  if (rank < 3)
    b.fail("needs spatial axes, has " + describe(b.type(0)));
  SmallVector<int64_t> axes = upTo(rank);
  bool channelsLast = b.intAttr("channels_last", 0) != 0;
  axes.erase(channelsLast ? axes.end() - 1 : axes.begin() + 1);
  axes.erase(axes.begin());
  setQuantized(b, reduce(b, llm::ReduceKind::Mean, realInput(b, 0), axes, true),
               3);
}

static void importQLinearReduceMean(Binder &b) {
  SmallVector<int64_t> axes;
  for (int64_t axis : b.intsAttr("axes").value_or(SmallVector<int64_t>()))
    axes.push_back(b.axis(axis, b.rank(0)));
  if (axes.empty())
    axes = upTo(b.rank(0));
  llvm::sort(axes);
  setQuantized(b,
               reduce(b, llm::ReduceKind::Mean, realInput(b, 0), axes,
                      b.intAttr("keepdims", 1) != 0),
               3);
}

/// A factor of a product's result that is one number or one per column.
static Value columnFactor(Binder &b, Value scale, Value product) {
  scale = scalarized(b, scale);
  if (!isa<FloatType>(llm::elementOf(scale)))
    b.fail("needs scales of floats");
  return b.make<llm::MulOp>({product, scale});
}

Value scaledProduct(Binder &b, Value product, Value xScale, Value yScale,
                    Value bias) {
  Value exact = b.cast(product, llm::elementOf(xScale));
  Value factor = columnFactor(b, yScale, scalarized(b, xScale));
  Value out = b.make<llm::MulOp>({exact, factor});
  return bias ? b.make<llm::AddOp>({out, bias}) : out;
}

static void importMatMulIntegerToFloat(Binder &b) {
  Value product = integerMatmul(b, b.in(0), b.in(1), b.maybe(4), b.maybe(5));
  b.set(0, scaledProduct(b, product, b.in(2), b.in(3), b.maybe(6)));
}

static void importDynamicQuantizeMatMul(Binder &b) {
  Value x = b.in(0);
  if (!b.element(0).isF32())
    b.fail("quantizes floats, not " + describe(b.type(0)));
  auto q = makeDynamicQuantize(b, x);
  Value product =
      integerMatmul(b, q.getResult(), b.in(1), q.getZeroPoint(), b.maybe(3));
  b.set(0, scaledProduct(b, product, q.getScale(), b.in(2), b.maybe(4)));
}

/// alpha * a_scale * b_scale * (A' B' + C), quantized where the result has a
/// scale.
static void importQGemm(Binder &b) {
  auto turned = [&](size_t i, StringRef flag) {
    if (b.rank(i) != 2)
      b.fail("needs matrices");
    return b.intAttr(flag, 0) ? b.transpose(b.in(i), {1, 0}) : b.in(i);
  };
  Value x = turned(0, "transA"), w = turned(3, "transB");
  Value product = integerMatmul(b, x, w, b.in(2), b.in(5));
  if (b.has(6)) {
    if (!b.element(6).isSignlessInteger(32))
      b.fail("needs C of int32, not " + describe(b.type(6)));
    product = b.make<llm::AddOp>({product, b.in(6)});
  }
  Value y = scaledProduct(b, product, b.in(1), b.in(4), {});
  if (double alpha = b.floatAttr("alpha", 1.0); alpha != 1.0)
    y = b.make<llm::MulOp>({y, b.scalarFloat(llm::elementOf(y), alpha)});
  if (!b.has(7))
    return b.set(0, y);
  setQuantized(b, y, 7);
}

void addQuantizedOpRules(RuleTable &rules) {
  rules.add(kMicrosoft, {"QLinearAdd"}, importBinary<llm::AddOp>);
  rules.add(kMicrosoft, {"QLinearMul"}, importBinary<llm::MulOp>);
  rules.add(kMicrosoft, {"QLinearSigmoid"}, importQLinearSigmoid);
  rules.add(kMicrosoft, {"QLinearLeakyRelu"}, importQLinearLeakyRelu);
  rules.add(kMicrosoft, {"QLinearSoftmax"}, importQLinearSoftmax);
  rules.add(kMicrosoft, {"QLinearConcat"}, importQLinearConcat);
  rules.add(kMicrosoft, {"QLinearAveragePool"}, importQLinearAveragePool);
  rules.add(kMicrosoft, {"QLinearGlobalAveragePool"},
            importQLinearGlobalAveragePool);
  rules.add(kMicrosoft, {"QLinearReduceMean"}, importQLinearReduceMean);
  rules.add(kMicrosoft, {"QLinearWhere"}, importQLinearWhere);
  rules.add(kMicrosoft, {"MatMulIntegerToFloat"}, importMatMulIntegerToFloat);
  rules.add(kMicrosoft, {"DynamicQuantizeMatMul"}, importDynamicQuantizeMatMul);
  rules.add(kMicrosoft, {"QGemm"}, importQGemm);
}

} // namespace llmc::onnx
