// SPDX-License-Identifier: Apache-2.0
//
//   %m = llm.linear %x, %w ; %h = llm.reshape %m : [.., heads, q + k + v]
//   %q = llm.slice %h[.., 0:q] ; ...
//   ->  %m = llm.linear %x, (columns of %w by part, then by head)
//       %q = llm.reshape (llm.slice %m[.., 0:heads * q]) ; ...
//
// Queries, keys and values that a model stores head by head come apart as
// blocks of columns, as in models that store them part by part. Parts on an
// axis in front of the heads are such blocks already.
#include "passes/recognise/Passes.h"

#include "ir/llm/Quantized.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {
#define GEN_PASS_DEF_SORTCOLUMNS
#include "passes/recognise/Passes.h.inc"

namespace {
/// The sizes that a reshape splits a product's columns into; none where it
/// does anything else, or the sizes are not known.
SmallVector<int64_t> splitColumns(ReshapeOp op) {
  Dims from = dimsOf(op.getX()), to = dimsOf(op);
  if (from.empty() || to.size() <= from.size())
    return {};
  size_t rows = from.size() - 1;
  if (!std::equal(from.begin(), from.begin() + rows, to.begin()))
    return {};
  SmallVector<int64_t> sizes;
  for (Dim d : ArrayRef(to).drop_front(rows)) {
    auto size = fixedDim(d);
    if (!size)
      return {};
    sizes.push_back(*size);
  }
  return sizes;
}

/// What a slice takes of an axis.
struct Taken {
  SliceOp slice;
  match::Part part;
};

/// Columns of a product, seen with the dims of `like`.
Value columns(OpBuilder &b, Value product, int64_t start, int64_t count,
              SliceOp like) {
  MLIRContext *ctx = b.getContext();
  Value part = match::sliceOf(b, like.getLoc(), product, rankOf(product) - 1,
                              constantDim(ctx, start), constantDim(ctx, count));
  return match::reshapeTo(b, like.getLoc(), part, dimsOf(like));
}

/// A part on the first of the axes that columns are split into.
struct OuterPart : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto heads = op.getX().getDefiningOp<ReshapeOp>();
    if (!heads || !heads.getX().getDefiningOp<LinearOp>())
      return failure();
    SmallVector<int64_t> sizes = splitColumns(heads);
    auto part = sizes.empty() ? std::nullopt
                              : match::partOf(op, rankOf(heads) - sizes.size());
    if (!part)
      return failure();
    int64_t inner = 1;
    for (int64_t size : ArrayRef(sizes).drop_front())
      inner *= size;
    rewriter.replaceOp(op, columns(rewriter, heads.getX(), part->start * inner,
                                   part->size * inner, op));
    return success();
  }
};

/// Columns [.., heads, parts] of a stored tensor as [.., parts of heads].
RecipeAttr sorted(RecipeAttr stored, int64_t heads, ArrayRef<Taken> parts) {
  SmallVector<int64_t> dims(stored.getType().getShape());
  int64_t width = dims.pop_back_val() / heads;
  SmallVector<int64_t> split(dims), starts(dims.size() + 2, 0),
      steps(dims.size() + 2, 1);
  split.append({heads, width});
  RecipeAttr whole = reshapeRecipe(stored, split);
  SmallVector<RecipeAttr> blocks;
  for (const auto &[slice, part] : parts) {
    starts.back() = part.start, split.back() = part.size;
    dims.push_back(heads * part.size);
    blocks.push_back(
        reshapeRecipe(sliceRecipe(whole, starts, steps, split), dims));
    dims.pop_back();
  }
  return concatRecipe(blocks, static_cast<int64_t>(dims.size()));
}

/// Parts inside of heads: the weight's columns are sorted.
struct InnerParts : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  /// All parts, in order; none where they leave something out or overlap.
  static SmallVector<Taken> partsOf(ReshapeOp op, int64_t width) {
    SmallVector<Taken> parts;
    for (Operation *user : op->getUsers()) {
      auto slice = dyn_cast<SliceOp>(user);
      auto part = slice ? match::partOf(slice, rankOf(op) - 1) : std::nullopt;
      if (!part)
        return {};
      parts.push_back({slice, *part});
    }
    llvm::sort(parts, [](const Taken &a, const Taken &b) {
      return a.part.start < b.part.start;
    });
    int64_t end = 0;
    for (const auto &[slice, part] : parts) {
      if (part.start != end)
        return {};
      end += part.size;
    }
    return end == width && parts.size() > 1 ? parts : SmallVector<Taken>();
  }

  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto linear = op.getX().getDefiningOp<LinearOp>();
    SmallVector<int64_t> sizes = splitColumns(op);
    if (!linear || !linear->hasOneUse() || sizes.size() != 2 || sizes[0] < 2 ||
        linear.hasEpilogue())
      return failure();
    RecipeAttr weight = recipeOf(linear.getWeight());
    RecipeAttr bias = linear.getBias() ? recipeOf(linear.getBias()) : nullptr;
    // A quantized weight's columns stay as they are stored.
    if (!weight || quantizationKey(weight) || (linear.getBias() && !bias))
      return failure();
    SmallVector<Taken> parts = partsOf(op, sizes[1]);
    if (parts.empty())
      return failure();
    Location loc = linear.getLoc();
    rewriter.setInsertionPoint(linear);
    int64_t heads = sizes[0];
    Value w = WeightOp::create(rewriter, loc, sorted(weight, heads, parts)), c;
    if (bias)
      c = WeightOp::create(rewriter, loc, sorted(bias, heads, parts));
    Value product =
        LinearOp::create(rewriter, loc, linear.getType(), linear.getX(), w, c,
                         Value(), Activation::None, linear.getRoundingAttr());
    for (const auto &[slice, part] : parts) {
      rewriter.setInsertionPoint(slice);
      rewriter.replaceOp(slice, columns(rewriter, product, heads * part.start,
                                        heads * part.size, slice));
    }
    rewriter.eraseOp(op);
    rewriter.eraseOp(linear);
    return success();
  }
};

struct SortColumns : impl::SortColumnsBase<SortColumns> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<OuterPart, InnerParts>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace llmc::recognise
