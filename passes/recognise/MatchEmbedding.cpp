// SPDX-License-Identifier: Apache-2.0
//
//   llm.gather %table, %ids {axis = 0}   ->   llm.embedding %table, %ids
//   llm.dequantize (llm.gather %q, %ids)  ->  llm.gather dequantize(%q), %ids
//
// for a stored table [vocabulary, width] of floats, or of integers with one
// scale.
#include "passes/recognise/Passes.h"

#include "ir/llm/QuantOps.h"
#include "ir/llm/Quantized.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {
#define GEN_PASS_DEF_MATCHEMBEDDING
#include "passes/recognise/Passes.h.inc"

namespace {
struct Rows : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getData().getType());
    if (op.getAxis() != 0 || type.getRank() != 2 ||
        !isa<FloatType>(type.getElementType()))
      return failure();
    Value table = match::asWeight(rewriter, op.getData(), type.getShape());
    if (!table)
      return failure();
    rewriter.replaceOpWithNewOp<EmbeddingOp>(op, op.getType(), table,
                                             op.getIndices());
    return success();
  }
};

struct QuantizedRows : OpRewritePattern<DequantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(DequantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto gather = op.getX().getDefiningOp<GatherOp>();
    RecipeAttr q = gather ? recipeOf(gather.getData()) : RecipeAttr();
    auto one = [](Value v) {
      RecipeAttr r = recipeOf(v);
      return r && r.getType().getNumElements() == 1 ? reshapeRecipe(r, {1, 1})
                                                    : RecipeAttr();
    };
    RecipeAttr scale = one(op.getScale()), zero;
    if (!q || gather.getAxis() != 0 || q.getType().getRank() != 2 || !scale)
      return failure();
    if (op.getZeroPoint() && !(zero = one(op.getZeroPoint())))
      return failure();
    RecipeAttr table = dequantizeRecipe(q, scale, zero, q.getType().getShape(),
                                        elementOf(op.getResult()));
    if (!quantizedMatrix(table))
      return failure();
    Value stored = WeightOp::create(rewriter, op.getLoc(), table);
    rewriter.replaceOpWithNewOp<GatherOp>(
        op, op.getType(), stored, gather.getIndices(), gather.getAxisAttr());
    return success();
  }
};

struct MatchEmbedding : impl::MatchEmbeddingBase<MatchEmbedding> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Rows, QuantizedRows>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace llmc::recognise
