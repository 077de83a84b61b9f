// SPDX-License-Identifier: Apache-2.0
//
//   llm.cast %x : f32 -> f32                        ->  %x
//   llm.add %x, 0 ; llm.mul %x, 1 ; llm.div %x, 1   ->  %x
//   llm.add (llm.expand %x), %y                     ->  llm.add %x, %y
//   llm.transpose that moves only dims of size 1    ->  llm.reshape
//
// Adding zero may turn -0 into 0 in the original and not here: the two compare
// equal.
#include "passes/simplify/Patterns.h"

#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::simplify {
namespace {

/// Whether every value of `from` has its exact image in `to`.
bool widens(Type from, Type to) {
  if (from == to)
    return true;
  if (isa<FloatType>(to) && to.getIntOrFloatBitWidth() < 16)
    return false; // some lack 0, -0 or infinities
  if (from.isInteger(1))
    return true;
  auto a = dyn_cast<FloatType>(from), b = dyn_cast<FloatType>(to);
  if (a && b)
    return a.getFPMantissaWidth() <= b.getFPMantissaWidth() &&
           llvm::APFloat::semanticsMaxExponent(a.getFloatSemantics()) <=
               llvm::APFloat::semanticsMaxExponent(b.getFloatSemantics());
  auto i = dyn_cast<IntegerType>(from), j = dyn_cast<IntegerType>(to);
  return i && j && i.getSignedness() == j.getSignedness() &&
         i.getWidth() <= j.getWidth();
}

struct DropCast : OpRewritePattern<CastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CastOp op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getX();
    if (!isa<RankedTensorType>(x.getType()))
      return failure();
    if (x.getType() == op.getType()) {
      rewriter.replaceOp(op, x);
      return success();
    }
    auto inner = x.getDefiningOp<CastOp>();
    if (!inner)
      return failure();
    Type first = elementOf(inner.getX()), middle = elementOf(x),
         last = elementOf(op);
    // A first step without loss does not change what the second one gives.
    // Testing an integer against 0 is one as well.
    bool exact =
        widens(first, middle) ||
        (isa<IntegerType>(first) && isa<IntegerType>(middle) &&
         middle.getIntOrFloatBitWidth() >= first.getIntOrFloatBitWidth() &&
         last.isInteger(1));
    if (!exact)
      return failure();
    if (first == last)
      rewriter.replaceOp(op, inner.getX());
    else
      rewriter.modifyOpInPlace(op,
                               [&] { op.getXMutable().assign(inner.getX()); });
    return success();
  }
};

/// x + 0, x - 0, x * 1, x / 1, x ^ 1, and-true, or-false.
struct DropNeutral : RewritePattern {
  explicit DropNeutral(MLIRContext *ctx)
      : RewritePattern(MatchAnyOpTypeTag(), 1, ctx) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<AddOp, SubOp, MulOp, DivOp, PowOp, AndOp, OrOp>(op))
      return failure();
    double c = 0;
    Value x = match::withSplat(op, c);
    if (!x || x.getType() != op->getResult(0).getType())
      return failure();
    bool ordered = isa<SubOp, DivOp, PowOp>(op);
    if (ordered && x != op->getOperand(0))
      return failure();
    bool boolean = elementOf(x).isInteger(1);
    if (isa<AndOp, OrOp>(op) && !boolean)
      return failure();
    double neutral = isa<AddOp, SubOp, OrOp>(op) ? 0 : 1;
    if (c != neutral)
      return failure();
    rewriter.replaceOp(op, x);
    return success();
  }
};

struct DropWhere : OpRewritePattern<WhereOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(WhereOp op,
                                PatternRewriter &rewriter) const override {
    Value kept;
    if (op.getX() == op.getY())
      kept = op.getX();
    else if (auto c = match::splatOf(op.getCondition()))
      kept = *c != 0 ? op.getX() : op.getY();
    if (!kept || kept.getType() != op.getType())
      return failure();
    rewriter.replaceOp(op, kept);
    return success();
  }
};

struct DropDoubleNot : OpRewritePattern<NotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(NotOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<NotOp>();
    if (!inner)
      return failure();
    rewriter.replaceOp(op, inner.getX());
    return success();
  }
};

struct MergeExpands : OpRewritePattern<ExpandOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ExpandOp op,
                                PatternRewriter &rewriter) const override {
    if (auto inner = op.getX().getDefiningOp<ExpandOp>();
        inner && match::broadcastsTo(inner.getX(), dimsOf(inner)) &&
        match::broadcastsTo(op.getX(), dimsOf(op))) {
      rewriter.replaceOpWithNewOp<ExpandOp>(op, op.getType(), inner.getX());
      return success();
    }
    // Only more dims of size 1: the same elements in the same order.
    Dims in = dimsOf(op.getX()), out = dimsOf(op);
    size_t more = out.size() - in.size();
    if (more == 0 || ArrayRef(out).drop_front(more) != ArrayRef(in) ||
        !llvm::all_of(ArrayRef(out).take_front(more),
                      [](Dim d) { return fixedDim(d) == 1; }))
      return failure();
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), op.getX());
    return success();
  }
};

/// An expanded operand of an op that broadcasts by itself, where another
/// operand already has the full size.
struct DropExpandedOperand : OpInterfaceRewritePattern<ElementwiseOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumOperands() < 2 ||
        !isa<RankedTensorType>(op->getResult(0).getType()))
      return failure();
    Dims result = dimsOf(op->getResult(0));
    for (OpOperand &operand : op->getOpOperands()) {
      auto expand = operand.get().getDefiningOp<ExpandOp>();
      if (!expand || !match::broadcastsTo(expand.getX(), result))
        continue;
      // Each result dim still comes from some operand.
      SmallVector<Value> rest{expand.getX()};
      for (OpOperand &other : op->getOpOperands())
        if (other.getOperandNumber() != operand.getOperandNumber())
          rest.push_back(other.get());
      if (!covers(rest, result))
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(expand.getX()); });
      return success();
    }
    return failure();
  }
  static bool covers(ArrayRef<Value> operands, ArrayRef<Dim> result) {
    for (size_t axis = 0; axis < result.size(); ++axis) {
      bool found = llvm::any_of(operands, [&](Value v) {
        Dims dims = dimsOf(v);
        size_t shift = result.size() - dims.size();
        return dims.size() <= result.size() && axis >= shift &&
               dims[axis - shift] == result[axis];
      });
      if (!found)
        return false;
    }
    return true;
  }
};

/// matmul(expand(a), b) where b already has the batch dims.
struct DropExpandedBatch : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    for (int side : {0, 1}) {
      auto expand = op->getOperand(side).getDefiningOp<ExpandOp>();
      Value other = op->getOperand(1 - side);
      if (!expand || rankOf(expand.getX()) < 2 || rankOf(other) < 2)
        continue;
      Dims small = dimsOf(expand.getX()), big = dimsOf(expand),
           peer = dimsOf(other);
      size_t batch = big.size() - 2;
      bool same =
          ArrayRef(small).take_back(2) == ArrayRef(big).take_back(2) &&
          peer.size() == big.size() &&
          ArrayRef(peer).take_front(batch) == ArrayRef(big).take_front(batch) &&
          match::broadcastsTo(expand.getX(), big);
      if (!same)
        continue;
      rewriter.modifyOpInPlace(op,
                               [&] { op->setOperand(side, expand.getX()); });
      return success();
    }
    return failure();
  }
};

/// The order of the dims that are not 1 stays: no element moves.
struct TransposeToReshape : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    Dims dims = dimsOf(op.getX());
    SmallVector<int64_t> moving;
    for (int64_t p : op.getPerm())
      if (fixedDim(dims[p]) != 1)
        moving.push_back(p);
    if (!llvm::is_sorted(moving))
      return failure();
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), op.getX());
    return success();
  }
};

/// [n, T, D] with its last dims swapped, seen as [.., D, T]: the batch dims
/// were only merged for the transpose.
struct UnmergeTranspose : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getX().getDefiningOp<TransposeOp>();
    if (!transpose || !transpose.getX().getDefiningOp<ReshapeOp>() ||
        !llvm::equal(transpose.getPerm(), ArrayRef<int64_t>{0, 2, 1}))
      return failure();
    Dims dims = dimsOf(op), swapped = dimsOf(transpose);
    size_t rank = dims.size();
    if (rank < 3 ||
        ArrayRef(dims).take_back(2) != ArrayRef(swapped).take_back(2) ||
        productOf(getContext(), ArrayRef(dims).drop_back(2)) != swapped[0])
      return failure();
    std::swap(dims[rank - 1], dims[rank - 2]);
    Value x = match::reshapeTo(rewriter, op.getLoc(), transpose.getX(), dims);
    auto perm = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    std::swap(perm[rank - 1], perm[rank - 2]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, x, perm);
    return success();
  }
};

/// Slices of a slice, both with step 1.
struct MergeSlices : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<SliceOp>();
    auto ones = [](SliceOp s) {
      return llvm::all_of(s.getSteps(), [](int64_t n) { return n == 1; });
    };
    if (!inner || !ones(op) || !ones(inner))
      return failure();
    Dims starts;
    for (auto [a, b] :
         llvm::zip(op.getStarts().getResults(), inner.getStarts().getResults()))
      starts.push_back(a + b);
    rewriter.replaceOpWithNewOp<SliceOp>(op, op.getType(), inner.getX(),
                                         dimsMap(getContext(), starts),
                                         op.getSteps());
    return success();
  }
};

/// A slice that takes one input of a concat.
struct SliceOfConcat : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto concat = op.getX().getDefiningOp<ConcatOp>();
    if (!concat ||
        llvm::any_of(op.getSteps(), [](int64_t n) { return n != 1; }))
      return failure();
    int64_t axis = concat.getAxis();
    for (auto [k, start] : llvm::enumerate(op.getStarts().getResults()))
      if (static_cast<int64_t>(k) != axis && fixedDim(start) != 0)
        return failure();
    Dim at = constantDim(getContext(), 0);
    for (Value v : concat.getInputs()) {
      if (simplified(op.getStarts().getResult(axis)) == at &&
          v.getType() == op.getType()) {
        rewriter.replaceOp(op, v);
        return success();
      }
      at = simplified(at + dimsOf(v)[axis]);
    }
    return failure();
  }
};

struct DropEmptyConcatInput : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> kept;
    for (Value v : op.getInputs())
      if (fixedDim(dimsOf(v)[op.getAxis()]) != 0)
        kept.push_back(v);
    if (kept.empty() || kept.size() == op.getInputs().size())
      return failure();
    rewriter.replaceOpWithNewOp<ConcatOp>(op, op.getType(), kept, op.getAxis());
    return success();
  }
};
} // namespace

void populateRemoveIdentities(RewritePatternSet &patterns) {
  patterns
      .add<DropCast, DropNeutral, DropWhere, DropDoubleNot, MergeExpands,
           DropExpandedOperand, DropExpandedBatch, TransposeToReshape,
           UnmergeTranspose, MergeSlices, SliceOfConcat, DropEmptyConcatInput>(
          patterns.getContext());
}

} // namespace llmc::simplify
