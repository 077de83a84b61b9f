// SPDX-License-Identifier: Apache-2.0
//
//   llm.gather %table, %ids {axis = 0}   ->   llm.embedding %table, %ids
//
// for a stored table [vocabulary, width] of floats.
#include "passes/recognise/Passes.h"

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

struct MatchEmbedding : impl::MatchEmbeddingBase<MatchEmbedding> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Rows>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace llmc::recognise
