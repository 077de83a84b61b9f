// SPDX-License-Identifier: Apache-2.0
//
//   %q = llm.rope (heads of %m[.., 0:4n]), %p ; %k = llm.rope (heads of
//   %m[.., 4n:6n]), %p
//   ->  %r = llm.rope (heads of %m[.., 0:6n]), %p ; %q, %k = slices of %r's
//   heads
//
// Queries and keys that stand behind each other in one product turn by the same
// angles: one kernel for both.
#include "passes/fuse/Passes.h"

#include "ir/llm/Quantized.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::fuse {
#define GEN_PASS_DEF_MERGEROPES
#include "passes/fuse/Passes.h.inc"

namespace {
/// A rope of heads that are columns of a product.
struct HeadColumns {
  RopeOp rope;
  Value product; ///< [batch, seq, columns]
  int64_t start, count;
};

std::optional<HeadColumns> columnsOf(RopeOp rope) {
  auto heads = rope.getX().getDefiningOp<ReshapeOp>();
  auto slice = heads ? heads.getX().getDefiningOp<SliceOp>() : SliceOp();
  if (!slice || rankOf(slice) != 3)
    return std::nullopt;
  Dims dims = dimsOf(rope.getX()), whole = dimsOf(slice.getX());
  auto part = match::partOf(slice, 2);
  if (!part || dims[0] != whole[0] || dims[1] != whole[1])
    return std::nullopt;
  return HeadColumns{rope, slice.getX(), part->start, part->size};
}

bool turnAlike(RopeOp a, RopeOp b) {
  return a.getPositions() == b.getPositions() &&
         a.getInvFreq() == b.getInvFreq() &&
         a.getCosTable() == b.getCosTable() &&
         a.getSinTable() == b.getSinTable() && a.getRotary() == b.getRotary() &&
         a.getInterleaved() == b.getInterleaved() &&
         a.getScale() == b.getScale() &&
         a.getNormEpsilonAttr() == b.getNormEpsilonAttr() &&
         dimsOf(a.getX())[3] == dimsOf(b.getX())[3];
}

/// The norm's weight for each head, [heads, head size].
RecipeAttr normOfHeads(RopeOp rope) {
  RecipeAttr weight = recipeOf(rope.getNorm());
  int64_t size = weight.getType().getShape().back(),
          heads = *fixedDim(dimsOf(rope)[2]);
  if (weight.getType().getRank() == 1)
    weight = reshapeRecipe(weight, {1, size});
  return broadcastRecipe(weight, {heads, size});
}

/// The norm for the heads of both; null where they have none.
Value joinedNorm(OpBuilder &b, RopeOp low, RopeOp high) {
  if (low.getNorm() == high.getNorm() &&
      (!low.getNorm() || rankOf(low.getNorm()) == 1))
    return low.getNorm();
  return WeightOp::create(
      b, low.getLoc(), concatRecipe({normOfHeads(low), normOfHeads(high)}, 0));
}

/// `low`'s columns end where `high`'s begin; the new rope stands at `first`,
/// the earlier one of both.
void merge(HeadColumns low, HeadColumns high, RopeOp first) {
  OpBuilder b(first);
  MLIRContext *ctx = first.getContext();
  Location loc = first.getLoc();
  Dims heads = dimsOf(low.rope.getX());
  Value columns =
      match::sliceOf(b, loc, low.product, 2, constantDim(ctx, low.start),
                     constantDim(ctx, low.count + high.count));
  heads[2] = simplified(heads[2] + dimsOf(high.rope.getX())[2]);
  Value x = match::reshapeTo(b, loc, columns, heads);
  Value turned = RopeOp::create(
      b, loc, x.getType(), x, first.getPositions(), first.getInvFreq(),
      first.getCosTable(), first.getSinTable(),
      joinedNorm(b, low.rope, high.rope), first.getRotary(),
      first.getInterleaved(), first.getScale(), first.getNormEpsilonAttr());
  Dim from = constantDim(ctx, 0);
  for (RopeOp old : {low.rope, high.rope}) {
    Value part = match::sliceOf(b, loc, turned, 2, from, dimsOf(old)[2]);
    from = simplified(from + dimsOf(old)[2]);
    old.getResult().replaceAllUsesWith(part);
  }
  low.rope.erase();
  high.rope.erase();
}

struct MergeRopes : impl::MergeRopesBase<MergeRopes> {
  void runOnOperation() override {
    getOperation()->walk([](Block *block) {
      SmallVector<HeadColumns> open;
      for (RopeOp rope : llvm::make_early_inc_range(block->getOps<RopeOp>())) {
        auto mine = columnsOf(rope);
        if (!mine)
          continue;
        auto *other = llvm::find_if(open, [&](const HeadColumns &o) {
          return o.product == mine->product && turnAlike(o.rope, rope) &&
                 (o.start + o.count == mine->start ||
                  mine->start + mine->count == o.start);
        });
        if (other == open.end()) {
          open.push_back(*mine);
          continue;
        }
        HeadColumns partner = *other;
        open.erase(other);
        partner.start < mine->start ? merge(partner, *mine, partner.rope)
                                    : merge(*mine, partner, partner.rope);
      }
    });
  }
};
} // namespace
} // namespace llmc::fuse
