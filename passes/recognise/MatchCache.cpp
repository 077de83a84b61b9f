// SPDX-License-Identifier: Apache-2.0
//
//   %n = llm.transpose %new [0, 2, 1, 3] ; llm.concat %past, %n {axis = 2}
//   ->  llm.kv_append %past, %new
//
// where the past is an input of the function, [batch, kv heads, past, size].
#include "passes/recognise/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {
#define GEN_PASS_DEF_MATCHCACHE
#include "passes/recognise/Passes.h.inc"

namespace {
struct Append : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getInputs().size() != 2 || op.getAxis() != 2 || rankOf(op) != 4)
      return failure();
    Value past = op.getInputs()[0], fresh = op.getInputs()[1];
    Dims a = dimsOf(past), b = dimsOf(fresh);
    if (!isa<BlockArgument>(past) || !isa<FloatType>(elementOf(past)) ||
        a[0] != b[0] || a[1] != b[1] || a[3] != b[3])
      return failure();
    Value update =
        match::transposeBy(rewriter, op.getLoc(), fresh, {0, 2, 1, 3});
    rewriter.replaceOpWithNewOp<KvAppendOp>(op, op.getType(), past, update,
                                            Value());
    return success();
  }
};

struct MatchCache : impl::MatchCacheBase<MatchCache> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Append>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace llmc::recognise
