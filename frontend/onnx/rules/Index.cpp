// SPDX-License-Identifier: Apache-2.0
// Gathers, scatters, ranges.
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

static void importGather(Binder &b) {
  int64_t axis = b.axisAttr("axis", 0, b.rank(0));
  b.set(0, b.make<llm::GatherOp>({b.in(0), b.in(1)}, b.named("axis", axis)));
}

/// How many indices a tuple has, which the result's rank depends on.
static void needFixedTuples(Binder &b) {
  if (b.rank(1) > 0 && !llm::fixedDim(b.dims(1).back()))
    b.unsupported("index tuples of symbolic length are not supported");
}

static void importGatherND(Binder &b) {
  needFixedTuples(b);
  b.set(0, b.make<llm::GatherNDOp>(
               {b.in(0), b.in(1)},
               b.named("batch_dims", b.intAttr("batch_dims", 0))));
}

static void importGatherElements(Binder &b) {
  int64_t axis = b.axisAttr("axis", 0, b.rank(0));
  if (b.rank(1) != b.rank(0))
    b.fail("indices of another rank than the data");
  b.set(0, b.make<llm::GatherElementsOp>({b.in(0), b.in(1)},
                                         b.named("axis", axis)));
}

static NamedAttribute scatterKind(Binder &b) {
  StringRef reduction = b.stringAttr("reduction", "none");
  std::optional<llm::ScatterKind> kind = llm::ScatterKind::Set;
  if (reduction != "none")
    kind = llm::symbolizeScatterKind(reduction);
  if (!kind || reduction == "set")
    b.fail("reduction is none of none, add, mul, max and min");
  return b.named("kind", llm::ScatterKindAttr::get(b.ctx, *kind));
}

static void importScatterND(Binder &b) {
  needFixedTuples(b);
  b.set(0,
        b.make<llm::ScatterNDOp>({b.in(0), b.in(1), b.in(2)}, scatterKind(b)));
}

/// ScatterElements, and Scatter as it was called before opset 11.
static void importScatterElements(Binder &b) {
  int64_t axis = b.axisAttr("axis", 0, b.rank(0));
  b.set(0, b.make<llm::ScatterElementsOp>(
               {b.in(0), b.in(1), b.in(2)},
               {b.named("axis", axis), scatterKind(b)}));
}

static Value scalar(Binder &b, size_t i) {
  if (!b.type(i).hasStaticShape() || b.type(i).getNumElements() != 1)
    b.fail("input " + Twine(i) + " needs one element");
  return b.reshape(b.in(i), {});
}

/// max(0, ceil((limit - start) / delta)) elements, of integers.
static llm::Dim intCount(Binder &b) {
  SizeMath &math = b.sizes;
  llm::Dim start = b.sizeOf(0, "range_start"),
           limit = b.sizeOf(1, "range_limit"),
           delta = b.sizeOf(2, "range_delta", {.nonZero = true});
  llm::Dim zero = b.constantDim(0);
  llm::Dim isUp = math.lessThan(zero, delta),
           step = math.select(isUp, delta, llm::simplified(-delta)),
           length = math.select(isUp, llm::simplified(limit - start),
                                llm::simplified(start - limit));
  return math.ceilDiv(math.max(length, zero), step);
}

/// The same of floats: the difference in their type, the quotient in double. A
/// step of 0 gives a size that fails the call.
static llm::Dim floatCount(Binder &b) {
  Type wide = b.builder.getF64Type(), index = b.builder.getI64Type();
  Value length = b.make<llm::SubOp>({scalar(b, 1), scalar(b, 0)});
  Value delta = b.cast(scalar(b, 2), wide);
  Value count =
      b.make<llm::CeilOp>({b.make<llm::DivOp>({b.cast(length, wide), delta})});
  Value still = b.make<llm::EqualOp>({delta, b.scalarFloat(wide, 0)});
  count = b.make<llm::WhereOp>({still, b.scalarFloat(wide, 0x1p62), count});
  llm::Dim n = b.bindDim(b.cast(count, index), 0, "range_count", {});
  return b.sizes.max(n, b.constantDim(0));
}

static void importRange(Binder &b) {
  Type element = b.element(0);
  for (size_t i : {1, 2})
    if (b.element(i) != element)
      b.fail("start, limit and delta of different element types");
  llm::Dim count = isa<FloatType>(element) ? floatCount(b) : intCount(b);
  b.set(0, b.makeAs<llm::RangeOp>(b.tensor(count, element),
                                  {scalar(b, 0), scalar(b, 2)}));
}

/// depth positions along a new axis: on where the index is it, off elsewhere.
/// Depth and indices may be floats that are whole.
static void importOneHot(Binder &b) {
  Type index = b.builder.getI64Type();
  const Content *known = b.content(1);
  llm::Dim depth;
  if (known && known->isFloat && known->size() == 1)
    depth = b.constantDim(static_cast<int64_t>(known->floats[0]));
  else if (isa<FloatType>(b.element(1)))
    depth = b.bindDim(b.cast(scalar(b, 1), index), 0, "depth", {.least = 0});
  else
    depth = b.sizeOf(1, "depth", {.least = 0});
  if (b.sizes.isNegative(depth))
    b.fail("a negative depth");
  int64_t rank = b.rank(0) + 1, axis = b.axisAttr("axis", -1, rank);
  llm::Dims dims = b.dims(0);
  dims.insert(dims.begin() + axis, b.constantDim(1));
  auto size = [&](llm::Dim d) { return b.scalarSize(d, index); };
  Value zero = size(b.constantDim(0));
  Value at = b.reshape(b.cast(b.in(0), index), dims);
  Value negative = b.make<llm::LessOp>({at, zero});
  Value wrapped = b.make<llm::AddOp>({at, size(depth)});
  at = b.make<llm::WhereOp>({negative, wrapped, at});
  Value hit =
      b.make<llm::EqualOp>({at, countAlong(b, depth, axis, rank, index)});
  auto value = [&](int64_t i) {
    return b.reshape(b.slice(b.in(2), 0, b.constantDim(i), b.constantDim(1)),
                     {});
  };
  b.set(0, b.make<llm::WhereOp>({hit, value(1), value(0)}));
}

void addSelectRules(RuleTable &); // IndexSelect.cpp

void addIndexRules(RuleTable &rules) {
  addSelectRules(rules);
  rules.add({"Gather"}, importGather);
  rules.add({"GatherND"}, importGatherND);
  rules.add({"GatherElements"}, importGatherElements);
  rules.add({"ScatterND"}, importScatterND);
  rules.add({"ScatterElements", "Scatter"}, importScatterElements);
  rules.add({"Range"}, importRange);
  rules.add({"OneHot"}, importOneHot);
}

} // namespace llmc::onnx
