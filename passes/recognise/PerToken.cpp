// SPDX-License-Identifier: Apache-2.0
#include "passes/recognise/PerToken.h"

#include "ir/llm/QuantOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {

/// Whether an expression depends on the number of tokens or on the past.
bool PerToken::mentions(AffineExpr e, bool onlyPast) const {
  bool found = false;
  e.walk([&](AffineExpr x) {
    found |= x == past || (x == seq && !onlyPast);
    if (auto s = dyn_cast<AffineSymbolExpr>(x))
      for (Dim of : symbols.operands(s.getPosition()))
        found |= mentions(of, onlyPast);
  });
  return found;
}

bool PerToken::mentions(Attribute a) const {
  auto map = dyn_cast<AffineMapAttr>(a);
  return map && llvm::any_of(map.getValue().getResults(),
                             [&](AffineExpr e) { return mentions(e, false); });
}

std::optional<int64_t> PerToken::axisOf(Value v) const {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  if (!type)
    return std::nullopt;
  int64_t axis = -1;
  for (auto [i, d] : llvm::enumerate(dimsOf(type))) {
    if (!mentions(d, false))
      continue;
    if (d != seq || axis >= 0)
      return std::nullopt;
    axis = i;
  }
  return axis;
}

/// The product of the dims before an axis.
static Dim before(Value v, int64_t axis) {
  return productOf(v.getContext(), ArrayRef(dimsOf(v)).take_front(axis));
}

/// Whether what else has tokens has them where the first operand does.
bool PerToken::othersFollow(Operation *op, int64_t axis) const {
  int64_t rank = rankOf(op->getOperand(0));
  return axis < rank - 1 && llvm::all_of(
                                op->getOperands(),
                                [&](Value v) {
                                  int64_t at = *axisOf(v);
                                  return at < 0 ||
                                         (at == axis && rankOf(v) == rank);
                                });
}

/// `in` and `out` are the axes of the first operand and of the result.
bool PerToken::keepsAxis(Operation *op, int64_t in, int64_t out) const {
  auto sharesRest = [&] { // the first operand alone has tokens
    return llvm::all_of(llvm::drop_begin(op->getOperands()),
                        [&](Value v) { return axisOf(v) == -1; });
  };
  auto alongOther = [&](int64_t axis) { return in != axis && in == out; };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<LinearOp, GatedLinearOp>([&](auto linear) {
        auto rounding = linear.getRounding();
        return in == out && othersFollow(op, in) &&
               !(rounding && rounding->mixesRows());
      })
      .Case<GatedMlpOp, RmsNormOp, LayerNormOp, ExpertsOp>(
          [&](auto) { return in == out && othersFollow(op, in); })
      .Case([&](RopeOp r) {
        return in == 1 && out == 1 && axisOf(r.getPositions()) == 1;
      })
      .Case([&](FakeQuantizeOp q) {
        IntegerRoundingAttr rounding = q.getRounding();
        return rounding.isPerTensor() ? in == out && !rounding.mixesRows()
                                      : alongOther(rankOf(q) - 1);
      })
      .Case([&](ReshapeOp r) { return before(r.getX(), in) == before(r, out); })
      .Case([&](SliceOp s) {
        return in == out && fixedDim(s.getStarts().getResult(in)) == 0 &&
               s.getSteps()[in] == 1;
      })
      .Case([&](TransposeOp t) { return t.getPerm()[out] == in; })
      .Case([&](SoftmaxOp s) { return alongOther(s.getAxis()); })
      .Case([&](TopKOp t) { return alongOther(t.getAxis()); })
      .Case([&](ReduceOp r) {
        int64_t gone =
            r.getKeepdims() ? 0 : llvm::count_if(r.getAxes(), [&](int64_t a) {
              return a < in;
            });
        return !llvm::is_contained(r.getAxes(), in) && out == in - gone;
      })
      .Case<MatmulOp, IntegerMatmulOp>([&](auto) {
        return in == out && in < rankOf(op->getOperand(0)) - 1 && sharesRest();
      })
      .Default([](Operation *) { return false; });
}

bool PerToken::isOf(Operation *op) const {
  if (op->getNumRegions() && !isa<MapOp>(op))
    return false;
  for (NamedAttribute a : op->getAttrs())
    if (mentions(a.getValue()))
      return false;
  bool reads = false;
  for (Value v : op->getOperands()) {
    auto axis = axisOf(v);
    if (!axis)
      return false;
    reads |= *axis >= 0;
  }
  std::optional<int64_t> out;
  for (Value v : op->getResults()) {
    auto axis = axisOf(v);
    if (!axis || (out && out != axis))
      return false;
    out = axis;
  }
  if (!reads)
    return out == -1 || isa<ExpandOp>(op);
  if (!out || *out < 0)
    return false;
  if (isa<ElementwiseOp, MapOp>(op))
    return llvm::all_of(op->getOperands(), [&](Value v) {
      int64_t axis = *axisOf(v);
      return axis < 0 || rankOf(v) - axis == rankOf(op->getResult(0)) - *out;
    });
  if (auto embedding = dyn_cast<EmbeddingOp>(op))
    return axisOf(embedding.getIndices()) == out;
  int64_t in = *axisOf(op->getOperand(0));
  return in >= 0 && keepsAxis(op, in, *out);
}

} // namespace llmc::recognise
