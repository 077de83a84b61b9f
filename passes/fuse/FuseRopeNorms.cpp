// SPDX-License-Identifier: Apache-2.0
//
//   %0 = llm.rms_norm %x, %w ; %1 = llm.rope %0, %p  ->  llm.rope %x, %p norm
//   %w
//
// where the norm has no other use. The kernel normalizes heads as it reads
// them, in the norm kernel's order: the numbers stay the same.
#include "passes/fuse/Passes.h"

#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::fuse {
#define GEN_PASS_DEF_FUSEROPENORMS
#include "passes/fuse/Passes.h.inc"

namespace {
/// The norm before a rotation that the rotation can take, whose rows are heads.
/// Other types than f32 are rounded between the two.
RmsNormOp openNorm(RopeOp rope) {
  Value x = rope.getX();
  if (auto heads = x.getDefiningOp<ReshapeOp>(); heads && heads->hasOneUse())
    x = heads.getX();
  if (dimsOf(x).back() != dimsOf(rope.getX()).back())
    return {};
  auto norm = x.getDefiningOp<RmsNormOp>();
  bool open = norm && norm->hasOneUse() && !rope.getNorm() &&
              norm->getBlock() == rope->getBlock() && norm.getWeight() &&
              rankOf(norm.getWeight()) == 1 && recipeOf(norm.getWeight()) &&
              !norm.getResidual() && elementOf(norm).isF32() &&
              elementOf(norm.getWeight()).isF32();
  return open ? norm : RmsNormOp();
}

struct FuseRopeNorms : impl::FuseRopeNormsBase<FuseRopeNorms> {
  void runOnOperation() override {
    getOperation()->walk([](RopeOp rope) {
      RmsNormOp norm = openNorm(rope);
      if (!norm)
        return;
      OpBuilder b(rope);
      auto heads = rope.getX().getDefiningOp<ReshapeOp>();
      rope.getXMutable().assign(
          match::reshapeTo(b, norm.getLoc(), norm.getX(), dimsOf(rope.getX())));
      rope.getNormMutable().assign(norm.getWeight());
      rope.setNormEpsilonAttr(norm.getEpsilonAttr());
      if (heads)
        heads.erase();
      norm.erase();
    });
  }
};
} // namespace
} // namespace llmc::fuse
