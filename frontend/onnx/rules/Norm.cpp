// SPDX-License-Identifier: Apache-2.0
// Normalizations and softmax.
#include "frontend/onnx/Rule.h"

using namespace mlir;

namespace llmc::onnx {

/// The input with the axes from `axis` on as one, so that a norm over several
/// axes is one over the last.
static Value flattenedFrom(Binder &b, Value x, int64_t axis) {
  llm::Dims dims = llm::dimsOf(x);
  llm::Dim width = llm::productOf(b.ctx, ArrayRef(dims).drop_front(axis));
  dims.resize(axis);
  dims.push_back(width);
  return b.reshape(x, dims);
}

/// A scale or bias as [width]; fails where it does not have one element per
/// element of the normalized axes.
static Value parameter(Binder &b, size_t i, Value x) {
  Value p = b.maybe(i);
  if (!p)
    return p;
  auto width = llm::fixedDim(llm::dimsOf(x).back());
  auto type = cast<RankedTensorType>(p.getType());
  if (!width || !type.hasStaticShape())
    b.unsupported("normalized axes of symbolic size are not supported");
  p = b.cast(p, llm::elementOf(x));
  if (type.getNumElements() == 1 && *width != 1)
    return b.expand(b.reshape(p, b.constantDim(1)), b.constantDim(*width));
  if (type.getNumElements() != *width)
    b.fail("has " + Twine(type.getNumElements()) + " parameters for rows of " +
           Twine(*width));
  return b.reshape(p, b.constantDim(*width));
}

static Value rmsNorm(Binder &b, Value x, Value weight, double epsilon) {
  auto op = llm::RmsNormOp::create(b.builder, b.loc, x.getType(), x, weight,
                                   b.builder.getF64FloatAttr(epsilon));
  b.check(op);
  return op.getResult();
}

static Value layerNorm(Binder &b, Value x, Value weight, Value bias,
                       double epsilon) {
  auto op = llm::LayerNormOp::create(b.builder, b.loc, x.getType(), x, weight,
                                     bias, b.builder.getF64FloatAttr(epsilon));
  b.check(op);
  return op.getResult();
}

static void refuseStatistics(Binder &b, size_t first, size_t last) {
  for (size_t i = first; i <= last; ++i)
    if (b.isUsed(i))
      b.unsupported("the statistics as outputs are not supported");
}

/// RMSNormalization-23 and onnxruntime's SimplifiedLayerNormalization.
static void importRmsNorm(Binder &b) {
  refuseStatistics(b, 1, 1);
  Value x = b.in(0);
  int64_t axis = b.axisAttr("axis", -1, b.rank(0));
  Value flat = flattenedFrom(b, x, axis);
  Value y =
      rmsNorm(b, flat, parameter(b, 1, flat), b.floatAttr("epsilon", 1e-5));
  b.set(0, b.reshape(y, llm::dimsOf(x)));
}

static void importLayerNorm(Binder &b) {
  refuseStatistics(b, 1, 2);
  Value x = b.in(0);
  int64_t axis = b.axisAttr("axis", -1, b.rank(0));
  Value flat = flattenedFrom(b, x, axis);
  Value y = layerNorm(b, flat, parameter(b, 1, flat), parameter(b, 2, flat),
                      b.floatAttr("epsilon", 1e-5));
  b.set(0, b.reshape(y, llm::dimsOf(x)));
}

/// input + skip (+ bias), which is output 3, then the norm.
static Value skipSum(Binder &b, size_t biasInput) {
  Value x = b.make<llm::AddOp>({b.in(0), b.in(1)});
  if (Value bias = b.maybe(biasInput))
    x = b.make<llm::AddOp>({x, bias});
  b.set(3, x);
  return x;
}

static void importSkipRmsNorm(Binder &b) {
  refuseStatistics(b, 1, 2);
  Value x = skipSum(b, 3);
  b.set(0, rmsNorm(b, x, parameter(b, 2, x), b.floatAttr("epsilon", 1e-5)));
}

static void importSkipLayerNorm(Binder &b) {
  refuseStatistics(b, 1, 2);
  Value x = skipSum(b, 4);
  b.set(0, layerNorm(b, x, parameter(b, 2, x), parameter(b, 3, x),
                     b.floatAttr("epsilon", 1e-5)));
}

static Value softmax(Binder &b, Value x, int64_t axis, bool log) {
  SmallVector<NamedAttribute> attrs = {b.named("axis", axis)};
  if (log)
    attrs.push_back(b.named("log", b.builder.getUnitAttr()));
  return b.make<llm::SoftmaxOp>(x, attrs);
}

/// Below opset 13 the axes from `axis` on are normalized together.
static void importSoftmax(Binder &b) {
  bool log = b.op() == "LogSoftmax";
  Value x = b.in(0);
  int64_t rank = b.rank(0);
  if (b.version() >= 13)
    return b.set(0, softmax(b, x, b.axisAttr("axis", -1, rank), log));
  int64_t axis = b.axisAttr("axis", 1, rank);
  Value flat = flattenedFrom(b, x, axis);
  b.set(0, b.reshape(softmax(b, flat, axis, log), llm::dimsOf(x)));
}

/// x / norm(x) along an axis; by nothing where the norm is 0.
static void importLpNorm(Binder &b) {
  Value x = b.in(0);
  int64_t axis = b.axisAttr("axis", -1, b.rank(0)), p = b.intAttr("p", 2);
  if (p != 1 && p != 2)
    b.fail("p is neither 1 nor 2");
  auto kind = p == 1 ? llm::ReduceKind::L1 : llm::ReduceKind::L2;
  Value norm = b.make<llm::ReduceOp>(
      x, {b.named("kind", llm::ReduceKindAttr::get(b.ctx, kind)),
          b.named("axes", b.builder.getDenseI64ArrayAttr(axis)),
          b.named("keepdims", b.builder.getBoolAttr(true))});
  Value zero = b.scalarFloat(b.element(0), 0.0),
        one = b.scalarFloat(b.element(0), 1.0);
  Value isZero = b.make<llm::EqualOp>({norm, zero});
  b.set(0, b.make<llm::DivOp>({x, b.make<llm::WhereOp>({isZero, one, norm})}));
}

void addNormRules(RuleTable &rules) {
  rules.add({"RMSNormalization", "SimplifiedLayerNormalization"},
            importRmsNorm);
  rules.add(kMicrosoft, {"SimplifiedLayerNormalization"}, importRmsNorm);
  rules.add({"LayerNormalization"}, importLayerNorm);
  rules.add(kMicrosoft, {"SkipSimplifiedLayerNormalization"},
            importSkipRmsNorm);
  rules.add(kMicrosoft, {"SkipLayerNormalization"}, importSkipLayerNorm);
  rules.add({"Softmax", "LogSoftmax"}, importSoftmax);
  rules.add({"LpNormalization"}, importLpNorm);
}

} // namespace llmc::onnx
