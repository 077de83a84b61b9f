// SPDX-License-Identifier: Apache-2.0
//
//   %0 = llm.matmul %x, %weight ; %1 = llm.add %0, %bias   ->   llm.linear %x,
//   %weight bias %bias
//   (%a + %b) + %x with products a and b             ->   %a + (%b + %x)
//
// The weight is stored, [K, N]; x keeps its rank: a reshape to rows and back
// around the product goes.
#include "passes/recognise/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {
#define GEN_PASS_DEF_MATCHLINEAR
#include "passes/recognise/Passes.h.inc"

namespace {
struct Product : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getB().getType());
    if (!recipeOf(op.getB()) || recipeOf(op.getA()) || rankOf(op.getA()) < 2 ||
        !isa<FloatType>(type.getElementType()) ||
        type.getElementType().isF64()) // whose sums llm.linear would round
      return failure();
    // Batch dims of 1 in front of a matrix change nothing unless they add dims.
    ArrayRef<int64_t> shape = type.getShape();
    if (shape.size() < 2 || rankOf(op.getA()) < type.getRank() ||
        !llvm::all_of(shape.drop_back(2), [](int64_t d) { return d == 1; }))
      return failure();
    Value weight = match::asWeight(rewriter, op.getB(), shape.take_back(2));
    rewriter.replaceOpWithNewOp<LinearOp>(op, op.getType(), op.getA(), weight,
                                          Value(), Value(), Activation::None,
                                          IntegerRoundingAttr());
    return success();
  }
};

struct Bias : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AddOp op,
                                PatternRewriter &rewriter) const override {
    for (int side : {0, 1}) {
      auto linear = op->getOperand(side).getDefiningOp<LinearOp>();
      Value bias = op->getOperand(1 - side);
      if (!linear || !linear->hasOneUse() || linear.getBias() ||
          linear->getBlock() != op->getBlock() || linear.hasEpilogue() ||
          linear.getType() != op.getType() || !recipeOf(bias))
        continue;
      int64_t n =
          cast<RankedTensorType>(linear.getWeight().getType()).getDimSize(1);
      auto type = cast<RankedTensorType>(bias.getType());
      if (type.getNumElements() != n || (n != 1 && !match::isPerColumn(bias)))
        continue;
      Value stored = match::asWeight(rewriter, bias, {n});
      rewriter.replaceOpWithNewOp<LinearOp>(
          op, op.getType(), linear.getX(), linear.getWeight(), stored, Value(),
          Activation::None, linear.getRoundingAttr());
      return success();
    }
    return failure();
  }
};

/// reshape(linear(reshape(x))) that keeps the columns -> linear(reshape(x)):
/// the reshapes only merge and split the dims in front, and meet.
struct KeepRank : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto linear = op.getX().getDefiningOp<LinearOp>();
    auto inner =
        linear ? linear.getX().getDefiningOp<ReshapeOp>() : ReshapeOp();
    Dims dims = dimsOf(op);
    if (!inner || !linear->hasOneUse() || linear.hasEpilogue() ||
        dims.empty() || dims.back() != dimsOf(linear).back())
      return failure();
    dims.back() = dimsOf(inner).back();
    Value x = match::reshapeTo(rewriter, op.getLoc(), inner.getX(), dims);
    rewriter.replaceOpWithNewOp<LinearOp>(
        op, op.getType(), x, linear.getWeight(), linear.getBias(), Value(),
        Activation::None, linear.getRoundingAttr());
    return success();
  }
};

/// (a + b) + x -> a + (b + x) for products a and b beside each other: each
/// takes a residual.
struct ParallelResidual : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AddOp op,
                                PatternRewriter &rewriter) const override {
    auto isProduct = [&](Value v) {
      Operation *from = v.getDefiningOp();
      return isa_and_present<LinearOp>(from) && from->hasOneUse() &&
             from->getBlock() == op->getBlock() && v.getType() == op.getType();
    };
    for (int side : {0, 1}) {
      auto sum = op->getOperand(side).getDefiningOp<AddOp>();
      Value x = op->getOperand(1 - side);
      if (!sum || !sum->hasOneUse() || !isProduct(sum.getX()) ||
          !isProduct(sum.getY()) || isProduct(x) || x.getType() != op.getType())
        continue;
      Operation *first = sum.getX().getDefiningOp(),
                *second = sum.getY().getDefiningOp();
      if (second->isBeforeInBlock(first))
        std::swap(first, second);
      Value inner = AddOp::create(rewriter, sum.getLoc(), op.getType(),
                                  first->getResult(0), x);
      rewriter.replaceOpWithNewOp<AddOp>(op, op.getType(), second->getResult(0),
                                         inner);
      return success();
    }
    return failure();
  }
};

struct MatchLinear : impl::MatchLinearBase<MatchLinear> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Product, Bias, KeepRank, ParallelResidual>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace llmc::recognise
