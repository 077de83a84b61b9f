// SPDX-License-Identifier: Apache-2.0
//
//   llm.slice (llm.transpose %x)     ->  llm.transpose (llm.slice %x)
//   llm.rms_norm (llm.transpose %x)  ->  llm.transpose (llm.rms_norm %x)
//   llm.reshape (llm.transpose %x)   ->  llm.transpose (llm.reshape %x), where
//                                        the reshape drops dims of 1
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
    bool residual = llvm::is_contained(llvm::drop_begin(op->getOperandTypes()),
                                       op.getX().getType());
    if (!transpose || residual ||
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
/// Dims of 1 that a part of a stacked tensor leaves.
struct DropUnitsOfTranspose : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  /// Which of the dims `from` are kept, if dropping the others, of 1, gives
  /// `to`.
  static SmallVector<int64_t> keptDims(const Dims &from, const Dims &to) {
    SmallVector<int64_t> kept;
    for (auto [i, d] : llvm::enumerate(from))
      if (kept.size() < to.size() && d == to[kept.size()])
        kept.push_back(i);
      else if (fixedDim(d) != 1)
        return {};
    return kept.size() == to.size() ? kept : SmallVector<int64_t>();
  }

  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getX().getDefiningOp<TransposeOp>();
    if (!transpose || !transpose->hasOneUse() ||
        rankOf(op) >= rankOf(transpose))
      return failure();
    SmallVector<int64_t> kept = keptDims(dimsOf(transpose), dimsOf(op));
    if (kept.empty())
      return failure();
    Dims before = dimsOf(transpose.getX()), dims;
    SmallVector<int64_t> place(before.size(), -1), perm;
    for (int64_t i : kept)
      place[transpose.getPerm()[i]] = 0;
    for (size_t i = 0; i < before.size(); ++i)
      if (place[i] == 0) {
        place[i] = static_cast<int64_t>(dims.size());
        dims.push_back(before[i]);
      }
    for (int64_t i : kept)
      perm.push_back(place[transpose.getPerm()[i]]);
    Value x = match::reshapeTo(rewriter, op.getLoc(), transpose.getX(), dims);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, x, perm);
    return success();
  }
};
} // namespace

void populateMoveTransposes(RewritePatternSet &patterns) {
  patterns.add<SliceOfTranspose, DropUnitsOfTranspose,
               NormOfTranspose<RmsNormOp>, NormOfTranspose<LayerNormOp>>(
      patterns.getContext());
}

} // namespace llmc::simplify
