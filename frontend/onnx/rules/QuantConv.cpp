// SPDX-License-Identifier: Apache-2.0
// Convolutions of integers: exact sums in i32 of operands that their zero
// points are taken from first, so that padding is a real 0.
#include "frontend/onnx/rules/Quant.h"
#include "frontend/onnx/rules/SlidingWindow.h"

using namespace mlir;

namespace llmc::onnx {

/// A parameter of every filter as one that broadcasts to `rank` dims along
/// `axis`; scalars stay.
static Value perFilter(Binder &b, Value v, int64_t rank, int64_t axis) {
  v = scalarized(b, v);
  if (llm::rankOf(v) == 0)
    return v;
  llm::Dims dims(rank, b.constantDim(1));
  dims[axis] = llm::dimsOf(v)[0];
  return b.reshape(v, dims);
}

static Value wide(Binder &b, Value x, size_t input, size_t zero, int64_t axis) {
  Type element = b.element(input);
  if (!element.isSignlessInteger(8) && !element.isUnsignedInteger(8))
    b.fail("convolves integers of 8 bits, not " + describe(b.type(input)));
  Type i32 = b.builder.getI32Type();
  x = b.cast(x, i32);
  if (!b.has(zero))
    return x;
  if (b.element(zero) != element)
    b.fail("needs zero points of the tensor's type");
  Value z = perFilter(b, b.cast(b.in(zero), i32), b.rank(input), axis);
  return b.make<llm::SubOp>({x, z});
}

/// The sums of input `x` and filters `w` with zero points at the inputs behind.
static Value integerConv(Binder &b, size_t x, size_t xZero, size_t w,
                         size_t wZero, Value bias) {
  llm::Dims in = spatialDims(b, x), dims = b.dims(x), filters = b.dims(w);
  if (b.rank(w) != b.rank(x))
    b.fail("filters of rank " + Twine(b.rank(w)) + " for a tensor of rank " +
           Twine(b.rank(x)));
  int64_t group = b.intAttr("group", 1);
  auto channels = llm::fixedDim(dims[1]), each = llm::fixedDim(filters[1]),
       count = llm::fixedDim(filters[0]);
  if (group < 1 || group > kMaxWindow || (count && *count % group) ||
      (channels && each && *channels != *each * group))
    b.fail("channels and filters don't divide into " + Twine(group) +
           " groups");
  Window window = slidingWindow(
      b, in, kernelShape(b, in.size(), ArrayRef(filters).drop_front(2)));
  llm::Dims out = {dims[0], filters[0]};
  out.append(window.out);
  SmallVector<Value> operands = {
      wide(b, b.in(x), x, xZero, 1),
      wide(b, filtersOf(b, w, window.kernel), w, wZero, 0)};
  if (bias)
    operands.push_back(bias);
  auto attrs = window.attributes(b);
  attrs.push_back(b.named("group", group));
  return b.makeAs<llm::ConvOp>(b.tensor(out, b.builder.getI32Type()), operands,
                               attrs);
}

static void importConvInteger(Binder &b) {
  b.set(0, integerConv(b, 0, 2, 1, 3, {}));
}

/// round(sums * (x_scale * w_scale / y_scale)) + y_zero.
static void importQLinearConv(Binder &b) {
  Type f32 = b.builder.getF32Type();
  Value sums = integerConv(b, 0, 2, 3, 5, b.maybe(8));
  int64_t rank = llm::rankOf(sums);
  auto scale = [&](size_t i) {
    return perFilter(b, b.cast(b.in(i), f32), rank, 1);
  };
  Value factor = b.make<llm::MulOp>({scale(1), scale(4)});
  factor = b.make<llm::DivOp>({factor, scale(6)});
  Value exact = b.make<llm::MulOp>({b.cast(sums, f32), factor});
  b.set(0, checked(b, llm::QuantizeOp::create(
                          b.builder, b.loc,
                          llm::withElement(exact.getType(), b.element(7)),
                          exact, b.scalarFloat(f32, 1.0),
                          scalarized(b, b.in(7)), 0, 0, true, TypeAttr())));
}

void addQuantConvRules(RuleTable &rules) {
  rules.add({"ConvInteger"}, importConvInteger);
  rules.add({"QLinearConv"}, importQLinearConv);
}

} // namespace llmc::onnx
