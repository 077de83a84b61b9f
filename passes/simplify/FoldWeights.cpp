// SPDX-License-Identifier: Apache-2.0
//
//   %0 = llm.mul %weight, %constant   ->   %0 = llm.weight <scale ...>
//
// An op of a weight with fixed operands becomes a longer recipe, evaluated once
// when the artifact is written. Ops that would make the weight larger
// (broadcasts) stay.
#include "passes/simplify/Patterns.h"

#include "ir/llm/Quantized.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::simplify {
namespace {

bool isWeight(Value v) { return v.getDefiningOp<WeightOp>() != nullptr; }

void replace(PatternRewriter &rewriter, Operation *op, RecipeAttr recipe) {
  rewriter.replaceOpWithNewOp<WeightOp>(op, recipe);
}

struct FoldBinary : RewritePattern {
  explicit FoldBinary(MLIRContext *ctx)
      : RewritePattern(MatchAnyOpTypeTag(), 1, ctx) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    StringRef kind = isa<AddOp>(op)   ? "add"
                     : isa<SubOp>(op) ? "sub"
                     : isa<MulOp>(op) ? "mul"
                     : isa<DivOp>(op) ? "div"
                                      : "";
    if (kind.empty() || !isa<FloatType>(elementOf(op->getResult(0))) ||
        elementOf(op->getResult(0)).getIntOrFloatBitWidth() < 16)
      return failure();
    Value x = op->getOperand(0), y = op->getOperand(1);
    if (!isWeight(x) && !isWeight(y))
      return failure();
    RecipeAttr a = recipeOf(x), b = recipeOf(y);
    // A quantized matrix stays one.
    if ((a && quantizedMatrix(a)) || (b && quantizedMatrix(b)))
      return failure();
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    if (!a || !b || (a.getType() != type && b.getType() != type))
      return failure();
    double c = 0;
    Value other = match::withSplat(op, c);
    if (other && kind == "mul")
      replace(rewriter, op, scaleRecipe(recipeOf(other), c));
    else
      replace(rewriter, op, binaryRecipe(kind, a, b));
    return success();
  }
};

struct FoldUnary : RewritePattern {
  explicit FoldUnary(MLIRContext *ctx)
      : RewritePattern(MatchAnyOpTypeTag(), 1, ctx) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<NegOp, CastOp>(op) || !isWeight(op->getOperand(0)))
      return failure();
    RecipeAttr in = recipeOf(op->getOperand(0));
    Type from = in.getType().getElementType(), to = elementOf(op->getResult(0));
    if (!isa<FloatType>(from) || !isa<FloatType>(to) ||
        to.getIntOrFloatBitWidth() < 16) // which saturates
      return failure();
    replace(rewriter, op,
            isa<NegOp>(op) ? scaleRecipe(in, -1) : castRecipe(in, to));
    return success();
  }
};

/// Concat of weights and constants (of weights alone it folds by itself).
struct FoldMixedConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    if (llvm::none_of(op.getInputs(), isWeight))
      return failure();
    SmallVector<RecipeAttr> all;
    for (Value v : op.getInputs()) {
      all.push_back(recipeOf(v));
      if (!all.back())
        return failure();
    }
    replace(rewriter, op, concatRecipe(all, op.getAxis()));
    return success();
  }
};
} // namespace

void populateFoldWeights(RewritePatternSet &patterns) {
  patterns.add<FoldBinary, FoldUnary, FoldMixedConcat>(patterns.getContext());
}

} // namespace llmc::simplify
