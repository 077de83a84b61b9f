// SPDX-License-Identifier: Apache-2.0
// Reductions and running sums.
#include "frontend/onnx/rules/Axes.h"
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

/// Axes became an input at opset 13 (ReduceSum) or 18. None means all, unless
/// noop_with_empty_axes; nothing: the op is the identity.
static std::optional<llm::Dims> reducedAxes(Binder &b) {
  int64_t rank = b.rank(0);
  auto axes = axesOf(b, b.op() == "ReduceSum" ? 13 : 18, rank);
  if (axes && !axes->empty())
    return axes;
  if (b.intAttr("noop_with_empty_axes", 0))
    return std::nullopt;
  return axesFrom(b, upTo(rank), rank);
}

/// Axes that only the data names: every axis of size n becomes two, n by 1
/// where it is reduced and 1 by n where not, and all first ones are reduced.
static Value reduceByData(Binder &b, llm::ReduceKind kind,
                          ArrayRef<llm::Dim> axes, bool keepdims) {
  llm::Dims dims = b.dims(0), pairs, kept, removed;
  int64_t rank = dims.size();
  SmallVector<int64_t> firsts;
  llm::Dim one = b.constantDim(1);
  for (int64_t i = 0; i < rank; ++i) {
    removed.push_back(hasAxis(b, axes, i));
    firsts.push_back(2 * i);
    kept.push_back(b.sizes.select(removed[i], one, dims[i]));
    pairs.append({b.sizes.select(removed[i], dims[i], one), kept[i]});
  }
  Value reduced = reduce(b, kind, b.reshape(b.in(0), pairs), firsts, false);
  if (keepdims)
    return b.reshape(reduced, kept);
  int64_t left = rank - static_cast<int64_t>(axes.size());
  if (left < 0)
    b.fail("reduces more axes than the input has");
  return b.reshape(reduced, without(b, dims, removed, left));
}

template <llm::ReduceKind kind> static void importReduce(Binder &b) {
  auto axes = reducedAxes(b);
  if (!axes) // the elementwise part of the kind remains
    axes.emplace();
  bool keepdims = b.intAttr("keepdims", 1);
  if (!llm::isFixed(*axes))
    return b.set(0, reduceByData(b, kind, *axes, keepdims));
  SmallVector<int64_t> fixed;
  for (llm::Dim a : *axes)
    fixed.push_back(*llm::fixedDim(a));
  llvm::sort(fixed);
  fixed.erase(std::unique(fixed.begin(), fixed.end()), fixed.end());
  bool plain = kind == llm::ReduceKind::Sum || kind == llm::ReduceKind::Mean ||
               kind == llm::ReduceKind::Max || kind == llm::ReduceKind::Min ||
               kind == llm::ReduceKind::Prod;
  if (fixed.empty() && plain)
    return b.set(0, b.entry(0));
  b.set(0, reduce(b, kind, b.in(0), fixed, keepdims));
}

static void importArgReduce(Binder &b) {
  int64_t axis = b.axisAttr("axis", 0, b.rank(0));
  SmallVector<NamedAttribute> attrs = {
      b.named("axis", axis),
      b.named("keepdims", b.builder.getBoolAttr(b.intAttr("keepdims", 1)))};
  if (b.op() == "ArgMin")
    attrs.push_back(b.named("smallest", b.builder.getUnitAttr()));
  if (b.intAttr("select_last_index", 0))
    attrs.push_back(b.named("last", b.builder.getUnitAttr()));
  b.set(0, b.make<llm::ArgReduceOp>(b.in(0), attrs));
}

/// 1 at the first largest element along the axis, 0 elsewhere. Before opset 13
/// the axes from `axis` on are one.
static void importHardmax(Binder &b) {
  Value x = b.in(0);
  llm::Dims dims = llm::dimsOf(x);
  int64_t axis = b.axisAttr("axis", b.version() < 13 ? 1 : -1, b.rank(0));
  if (b.version() < 13) {
    llm::Dim first = llm::productOf(b.ctx, ArrayRef(dims).take_front(axis)),
             rest = llm::productOf(b.ctx, ArrayRef(dims).drop_front(axis));
    x = b.reshape(x, {first, rest});
    axis = 1;
  }
  Value at = b.make<llm::ArgReduceOp>(
      x, {b.named("axis", axis),
          b.named("keepdims", b.builder.getBoolAttr(true))});
  Value places = countAlong(b, llm::dimsOf(x)[axis], axis, llm::rankOf(x),
                            b.builder.getI64Type());
  b.set(0, b.reshape(b.cast(equal(b, places, at), b.element(0)), dims));
}

/// (x - mean) / (deviation + 1e-9) over the axes.
static void importMeanVariance(Binder &b) {
  SmallVector<int64_t> axes;
  SmallVector<int64_t> given =
      b.intsAttr("axes").value_or(SmallVector<int64_t>{0, 2, 3});
  for (int64_t a : given)
    axes.push_back(b.axis(a, b.rank(0)));
  auto mean = [&](Value v) {
    return reduce(b, llm::ReduceKind::Mean, v, axes, true);
  };
  Value x = b.in(0), m = mean(x), centered = sub(b, x, m);
  Value deviation = b.make<llm::SqrtOp>(mean(mul(b, centered, centered)));
  b.set(0, div(b, centered, add(b, deviation, 1e-9)));
}

/// Along an axis that only the data names: the tensor as [outer, n, inner].
static void importRunning(Binder &b) {
  llm::Dims dims = b.dims(0);
  int64_t rank = dims.size();
  if (!b.type(1).hasStaticShape() || b.type(1).getNumElements() != 1)
    b.fail("needs one axis");
  if (rank == 0)
    b.fail("a scalar has no axis");
  llm::Dim axis = axesFrom(b, 1, rank)[0];
  auto fixed = llm::fixedDim(axis);
  SmallVector<NamedAttribute> attrs = {b.named("axis", fixed.value_or(1))};
  if (b.intAttr("exclusive", 0))
    attrs.push_back(b.named("exclusive", b.builder.getUnitAttr()));
  if (b.intAttr("reverse", 0))
    attrs.push_back(b.named("reverse", b.builder.getUnitAttr()));
  if (b.op() == "CumProd")
    attrs.push_back(b.named("product", b.builder.getUnitAttr()));
  Value x = b.in(0);
  if (!fixed) {
    llm::Dim one = b.constantDim(1), outer = one, inner = one;
    for (auto [i, d] : llvm::enumerate(dims)) {
      llm::Dim at = b.constantDim(i);
      outer = outer * b.sizes.select(b.sizes.lessThan(at, axis), d, one);
      inner = inner * b.sizes.select(b.sizes.lessThan(axis, at), d, one);
    }
    x = b.reshape(x, {outer, pick(b, dims, axis, one), inner});
  }
  b.set(0, b.reshape(b.make<llm::CumulateOp>(x, attrs), dims));
}

void addReduceRules(RuleTable &rules) {
  using llm::ReduceKind;
  rules.add({"ReduceSum"}, importReduce<ReduceKind::Sum>);
  rules.add({"ReduceMean"}, importReduce<ReduceKind::Mean>);
  rules.add({"ReduceMax"}, importReduce<ReduceKind::Max>);
  rules.add({"ReduceMin"}, importReduce<ReduceKind::Min>);
  rules.add({"ReduceProd"}, importReduce<ReduceKind::Prod>);
  rules.add({"ReduceL1"}, importReduce<ReduceKind::L1>);
  rules.add({"ReduceL2"}, importReduce<ReduceKind::L2>);
  rules.add({"ReduceSumSquare"}, importReduce<ReduceKind::SumSquare>);
  rules.add({"ReduceLogSum"}, importReduce<ReduceKind::LogSum>);
  rules.add({"ReduceLogSumExp"}, importReduce<ReduceKind::LogSumExp>);
  rules.add({"ArgMax", "ArgMin"}, importArgReduce);
  rules.add({"CumSum", "CumProd"}, importRunning);
  rules.add({"Hardmax"}, importHardmax);
  rules.add({"MeanVarianceNormalization"}, importMeanVariance);
}

} // namespace llmc::onnx
