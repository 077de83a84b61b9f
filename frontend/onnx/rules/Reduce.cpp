// SPDX-License-Identifier: Apache-2.0
// Reductions and running sums.
#include "frontend/onnx/Rule.h"

using namespace mlir;

namespace llmc::onnx {

/// Axes became an input at opset 13 (ReduceSum) or 18. None means all, unless
/// noop_with_empty_axes; nothing: the op is the identity.
static std::optional<SmallVector<int64_t>> reducedAxes(Binder &b) {
  int64_t rank = b.rank(0);
  int64_t sinceInput = b.op() == "ReduceSum" ? 13 : 18;
  std::optional<SmallVector<int64_t>> axes;
  if (b.version() < sinceInput) {
    axes = b.intsAttr("axes");
  } else if (b.has(1)) {
    axes = b.fixedInts(1);
    if (!axes)
      b.unsupported("axes that depend on the data are not supported");
  }
  if (!axes || axes->empty()) {
    if (b.intAttr("noop_with_empty_axes", 0))
      return std::nullopt;
    return upTo(rank);
  }
  SmallVector<int64_t> out;
  for (int64_t a : *axes)
    out.push_back(b.axis(a, rank));
  llvm::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

template <llm::ReduceKind kind> static void importReduce(Binder &b) {
  auto axes = reducedAxes(b);
  if (!axes) // the elementwise part of the kind remains
    axes.emplace();
  Value x = b.in(0);
  bool plain = kind == llm::ReduceKind::Sum || kind == llm::ReduceKind::Mean ||
               kind == llm::ReduceKind::Max || kind == llm::ReduceKind::Min ||
               kind == llm::ReduceKind::Prod;
  if (axes->empty() && plain)
    return b.set(0, b.entry(0));
  b.set(0, b.make<llm::ReduceOp>(
               x, {b.named("kind", llm::ReduceKindAttr::get(b.ctx, kind)),
                   b.named("axes", b.builder.getDenseI64ArrayAttr(*axes)),
                   b.named("keepdims",
                           b.builder.getBoolAttr(b.intAttr("keepdims", 1)))}));
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

static void importCumSum(Binder &b) {
  auto axis = b.fixedInts(1);
  if (!axis || axis->size() != 1)
    b.unsupported("an axis that depends on the data is not supported");
  SmallVector<NamedAttribute> attrs = {
      b.named("axis", b.axis((*axis)[0], b.rank(0)))};
  if (b.intAttr("exclusive", 0))
    attrs.push_back(b.named("exclusive", b.builder.getUnitAttr()));
  if (b.intAttr("reverse", 0))
    attrs.push_back(b.named("reverse", b.builder.getUnitAttr()));
  b.set(0, b.make<llm::CumSumOp>(b.in(0), attrs));
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
  rules.add({"CumSum"}, importCumSum);
}

} // namespace llmc::onnx
