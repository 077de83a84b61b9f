// SPDX-License-Identifier: Apache-2.0
//
//   llm.slice (llm.transpose %x)     ->  llm.transpose (llm.slice %x)
//   llm.rms_norm (llm.transpose %x)  ->  llm.transpose (llm.rms_norm %x)
//
// Towards the uses, where transposes meet and cancel: exporters turn heads to
// the front before they take them apart, and attention wants them behind.
#include "passes/match/Match.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::simplify {
namespace {
struct SliceOfTranspose : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getX().getDefiningOp<TransposeOp>();
    if (!transpose)
      return failure();
    Dims starts = dimsOf(transpose.getX()), dims = starts;
    SmallVector<int64_t> steps(dims.size());
    for (auto [i, p] : llvm::enumerate(transpose.getPerm())) {
      starts[p] = op.getStarts().getResult(i);
      dims[p] = dimsOf(op)[i];
      steps[p] = op.getSteps()[i];
    }
    Value part = SliceOp::create(
        rewriter, op.getLoc(), tensorType(getContext(), dims, elementOf(op)),
        transpose.getX(), dimsMap(getContext(), starts), steps);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, part, transpose.getPerm());
    return success();
  }
};

/// A norm of rows, whichever order the rows have.
template <typename NormOp> struct NormOfTranspose : OpRewritePattern<NormOp> {
  using OpRewritePattern<NormOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(NormOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getX().template getDefiningOp<TransposeOp>();
    if (!transpose ||
        transpose.getPerm().back() != rankOf(transpose.getX()) - 1)
      return failure();
    IRMapping mapping;
    mapping.map(op.getX(), transpose.getX());
    Operation *norm = rewriter.clone(*op, mapping);
    norm->getResult(0).setType(transpose.getX().getType());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, norm->getResult(0),
                                             transpose.getPerm());
    return success();
  }
};
} // namespace

void populateMoveTransposes(RewritePatternSet &patterns) {
  patterns.add<SliceOfTranspose, NormOfTranspose<RmsNormOp>,
               NormOfTranspose<LayerNormOp>>(patterns.getContext());
}

} // namespace llmc::simplify
