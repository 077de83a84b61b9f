// SPDX-License-Identifier: Apache-2.0
// Pools: windows that slide, and whole spatial axes at once.
#include "frontend/onnx/rules/SlidingWindow.h"

using namespace mlir;

namespace llmc::onnx {

/// The pool of x, which has the sizes of input 0.
static Operation *makePool(Binder &b, Value x, llm::PoolKind kind,
                           ArrayRef<NamedAttribute> more = {}) {
  llm::Dims in = spatialDims(b, 0);
  Window w = slidingWindow(b, in, kernelShape(b, in.size()),
                           b.intAttr("ceil_mode", 0) != 0);
  llm::Dims out = b.dims(0);
  out.resize(2);
  out.append(w.out);
  SmallVector<NamedAttribute> attrs = w.attributes(b);
  attrs.push_back(b.named("kernel", b.builder.getDenseI64ArrayAttr(w.kernel)));
  attrs.push_back(b.named("kind", llm::PoolKindAttr::get(b.ctx, kind)));
  attrs.append(more.begin(), more.end());
  SmallVector<Type> types = {b.tensor(out, llm::elementOf(x))};
  if (b.isUsed(1))
    types.push_back(b.tensor(out, b.builder.getI64Type()));
  auto op = llm::PoolOp::create(b.builder, b.loc, types, x, attrs);
  b.check(op);
  return op;
}

static void importPool(Binder &b, llm::PoolKind kind,
                       ArrayRef<NamedAttribute> more = {}) {
  Operation *op = makePool(b, b.in(0), kind, more);
  for (size_t i = 0; i < op->getNumResults(); ++i)
    b.set(i, op->getResult(i));
}

Value averagePool(Binder &b, Value x) {
  return makePool(b, x,
                  b.intAttr("count_include_pad", 0)
                      ? llm::PoolKind::AveragePadded
                      : llm::PoolKind::Average)
      ->getResult(0);
}

static void importMaxPool(Binder &b) {
  SmallVector<NamedAttribute> attrs;
  if (b.intAttr("storage_order", 0))
    attrs.push_back(b.named("column_major", b.builder.getUnitAttr()));
  importPool(b, llm::PoolKind::Max, attrs);
}

static void importAveragePool(Binder &b) {
  if (!isa<FloatType>(b.element(0)))
    b.fail("needs a tensor of floats");
  b.set(0, averagePool(b, b.in(0)));
}

/// The p of a norm, a float below opset 2.
static int64_t normOrder(Binder &b) {
  if (b.version() < 2 &&
      b.floatAttr("p", 2.0) != std::floor(b.floatAttr("p", 2.0)))
    b.unsupported("a fractional p is not supported");
  int64_t p = b.version() < 2 ? static_cast<int64_t>(b.floatAttr("p", 2.0))
                              : b.intAttr("p", 2);
  if (p < 1 || p > 1024)
    b.fail("attribute p has the value " + Twine(p));
  return p;
}

static void importLpPool(Binder &b) {
  if (!isa<FloatType>(b.element(0)))
    b.fail("needs a tensor of floats");
  importPool(b, llm::PoolKind::Lp, {b.named("p", normOrder(b))});
}

/// Over all spatial axes, which stay with size 1.
static Value reduceSpatial(Binder &b, Value x, llm::ReduceKind kind) {
  SmallVector<int64_t> axes = upTo(llm::rankOf(x));
  axes.erase(axes.begin(), axes.begin() + 2);
  return reduce(b, kind, x, axes, true);
}

template <llm::ReduceKind kind> static void importGlobalPool(Binder &b) {
  spatialDims(b, 0);
  b.set(0, reduceSpatial(b, b.in(0), kind));
}

/// (sum |x|^p)^(1/p)
static void importGlobalLpPool(Binder &b) {
  spatialDims(b, 0);
  int64_t p = normOrder(b);
  Value x = b.in(0);
  if (p <= 2)
    return b.set(
        0, reduceSpatial(b, x,
                         p == 1 ? llm::ReduceKind::L1 : llm::ReduceKind::L2));
  auto number = [&](double v) { return b.scalarFloat(b.element(0), v); };
  Value power = b.make<llm::PowOp>({b.make<llm::AbsOp>(x), number(p)});
  Value sum = reduceSpatial(b, power, llm::ReduceKind::Sum);
  b.set(0, b.make<llm::PowOp>({sum, number(1.0 / p)}));
}

/// Zeros, and x at the positions that a pool of the inferred shape gave.
static void importMaxUnpool(Binder &b) {
  llm::Dims in = spatialDims(b, 0), out = b.dims(0);
  int64_t rank = in.size();
  if (b.dims(1) != b.dims(0))
    b.fail("positions of another shape than the tensor");
  auto kernel = kernelShape(b, rank);
  auto strides = perAxis(b, "strides", rank, 1, 1);
  auto pads = perAxis(b, "pads", 2 * rank, 0, 0);
  for (int64_t i = 0; i < rank; ++i)
    out[i + 2] =
        b.sizes.max(llm::simplified((in[i] - 1) * strides[i] + kernel[i] -
                                    pads[i] - pads[rank + i]),
                    b.constantDim(0));
  Value zero =
      b.constant(DenseElementsAttr::get(RankedTensorType::get({}, b.element(0)),
                                        b.builder.getZeroAttr(b.element(0))));
  llm::Dim total = llm::productOf(b.ctx, out),
           count = llm::productOf(b.ctx, b.dims(0));
  Value flat = b.make<llm::ScatterNDOp>(
      {b.expand(zero, total), b.reshape(b.in(1), {count, b.constantDim(1)}),
       b.reshape(b.in(0), count)});
  Value y = b.reshape(flat, out);
  if (!b.has(2))
    return b.set(0, y);
  // Zeros behind what the pool saw.
  llm::Dims wanted = sizesIn(b, 2, "unpooled"),
            none(out.size(), b.constantDim(0));
  if (wanted.size() != out.size())
    b.fail("output_shape has another rank than the tensor");
  b.set(0, b.makeAs<llm::PadOp>(b.tensor(wanted, b.element(0)), {y, zero},
                                b.named("before", llm::dimsAttr(b.ctx, none))));
}

void addPoolRules(RuleTable &rules) {
  rules.add({"MaxPool"}, importMaxPool);
  rules.add({"AveragePool"}, importAveragePool);
  rules.add({"LpPool"}, importLpPool);
  rules.add({"GlobalMaxPool"}, importGlobalPool<llm::ReduceKind::Max>);
  rules.add({"GlobalAveragePool"}, importGlobalPool<llm::ReduceKind::Mean>);
  rules.add({"GlobalLpPool"}, importGlobalLpPool);
  rules.add({"MaxUnpool"}, importMaxUnpool);
}

} // namespace llmc::onnx
