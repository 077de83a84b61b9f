// SPDX-License-Identifier: Apache-2.0
//
//   %0 = llm.linear %x, %w ; %1 = llm.silu %0
//   ->  llm.linear %x, %w {activation = silu}
//   %0 = llm.linear %x, %w ; %1 = llm.add %0, %r
//   ->  llm.linear %x, %w residual %r
//   %0 = llm.linear %x, %w ; %1 = llm.tanh (%0 / 30) ; %2 = llm.mul %1, 30
//   ->  llm.linear %x, %w {activation = tanh, scale = 1/30, gain = 30}
//
// where the product has no other use. The op computes gain * act(scale * (x . w
// + bias)) + residual, so nothing follows a residual, and the sum's operand is
// of the full size. Roundings to halves behind products and norms go into their
// stores.
#include "passes/fuse/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Match.h"
#include <cmath>

using namespace mlir;
using namespace llmc::llm;

namespace llmc::fuse {
#define GEN_PASS_DEF_FUSEEPILOGUES
#include "passes/fuse/Passes.h.inc"

namespace {
Activation activationOf(Operation *op) {
  if (isa<SiluOp>(op))
    return Activation::Silu;
  if (isa<GeluErfOp>(op))
    return Activation::GeluErf;
  if (isa<GeluTanhOp>(op))
    return Activation::GeluTanh;
  if (isa<ReluOp>(op))
    return Activation::Relu;
  if (isa<TanhOp>(op))
    return Activation::Tanh;
  if (isa<SigmoidOp>(op))
    return Activation::Sigmoid;
  return Activation::None;
}

/// The product behind v that can take more, where it stands in the block of its
/// user: in another one it would run more or less often.
LinearOp openProduct(Value v, Operation *user) {
  auto linear = v.getDefiningOp<LinearOp>();
  bool open =
      linear && linear->getBlock() == user->getBlock() && !linear.getResidual();
  return open ? linear : LinearOp();
}

bool isOne(APFloat factor) { return factor.convertToDouble() == 1; }

/// The same without an activation, or a factor behind one.
LinearOp plainProduct(Value v, Operation *user) {
  LinearOp linear = openProduct(v, user);
  bool plain = linear && linear.getActivation() == Activation::None &&
               isOne(linear.getGain());
  return plain ? linear : LinearOp();
}

/// The product in place of `op`, changed by `change`.
void replace(PatternRewriter &rewriter, Operation *op, LinearOp linear,
             llvm::function_ref<void(LinearOp)> change) {
  auto copy = cast<LinearOp>(rewriter.clone(*linear));
  copy->setLoc(op->getLoc());
  change(copy);
  rewriter.replaceOp(op, copy);
}

struct FuseActivation : RewritePattern {
  explicit FuseActivation(MLIRContext *ctx)
      : RewritePattern(MatchAnyOpTypeTag(), 1, ctx) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    Activation activation = activationOf(op);
    if (activation == Activation::None)
      return failure();
    Value x = op->getOperand(0);
    if (!x.hasOneUse() || x.getParentBlock() != op->getBlock())
      return failure();
    if (LinearOp linear = plainProduct(x, op))
      return replace(rewriter, op, linear,
                     [&](LinearOp l) { l.setActivation(activation); }),
             success();
    // A convolution's kernel computes in f32.
    auto conv = x.getDefiningOp<ConvOp>();
    if (!conv || !elementOf(x).isF32() ||
        conv.getActivation() != Activation::None)
      return failure();
    rewriter.modifyOpInPlace(conv, [&] { conv.setActivation(activation); });
    rewriter.replaceOp(op, x);
    return success();
  }
};

/// x * sigmoid(1.702 x)
struct FuseQuickGelu : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op,
                                PatternRewriter &rewriter) const override {
    for (int side : {0, 1}) {
      LinearOp linear = plainProduct(op->getOperand(1 - side), op);
      auto sigmoid = op->getOperand(side).getDefiningOp<SigmoidOp>();
      if (!linear || !sigmoid || !sigmoid->hasOneUse())
        continue;
      double factor = 1;
      auto scaled = sigmoid.getX().getDefiningOp<MulOp>();
      Value x = match::withSplat(scaled, factor);
      if (x != linear.getResult() || !scaled->hasOneUse() ||
          std::abs(factor - 1.702) > 1e-3 ||
          !llvm::all_of(linear->getUsers(), [&](Operation *user) {
            return user == op || user == scaled;
          }))
        continue;
      replace(rewriter, op, linear,
              [](LinearOp l) { l.setActivation(Activation::QuickGelu); });
      return success();
    }
    return failure();
  }
};

/// Multiplication and division by a number: in front of an activation that may
/// follow, and once more behind it.
struct FuseFactor : RewritePattern {
  explicit FuseFactor(MLIRContext *ctx)
      : RewritePattern(MatchAnyOpTypeTag(), 1, ctx) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    double factor = 1;
    Value x = isa<MulOp, DivOp>(op) ? match::withSplat(op, factor) : Value();
    if (isa<DivOp>(op)) {
      if (x != op->getOperand(0)) // a number by the product
        return failure();
      factor = 1 / factor;
    }
    LinearOp linear = x ? openProduct(x, op) : LinearOp();
    // In f32, a reciprocal that overflows or loses bits gives other numbers.
    if (!linear || !x.hasOneUse() || !isOne(linear.getGain()) ||
        !std::isnormal(static_cast<float>(factor)))
      return failure();
    bool inFront =
        linear.getActivation() == Activation::None && isOne(linear.getScale());
    replace(rewriter, op, linear, [&](LinearOp l) {
      inFront ? l.setScale(APFloat(factor)) : l.setGain(APFloat(factor));
    });
    return success();
  }
};

struct FuseResidual : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AddOp op,
                                PatternRewriter &rewriter) const override {
    // Of two products the later one takes the earlier one's result.
    SmallVector<int, 2> sides = {0, 1};
    Operation *a = op.getX().getDefiningOp(), *b = op.getY().getDefiningOp();
    if (a && b && a->getBlock() == b->getBlock() && a->isBeforeInBlock(b))
      std::swap(sides[0], sides[1]);
    for (int side : sides) {
      LinearOp linear = openProduct(op->getOperand(side), op);
      Value residual = op->getOperand(1 - side);
      if (!linear || !linear->hasOneUse() || linear.getType() != op.getType() ||
          residual.getType() != op.getType())
        continue;
      replace(rewriter, op, linear,
              [&](LinearOp l) { l.getResidualMutable().assign(residual); });
      return success();
    }
    return failure();
  }
};

/// rms_norm(x) + residual, in f32: other types are rounded between the two.
struct FuseNormResidual : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AddOp op,
                                PatternRewriter &rewriter) const override {
    for (int side : {0, 1}) {
      auto norm = op->getOperand(side).getDefiningOp<RmsNormOp>();
      Value residual = op->getOperand(1 - side);
      if (!norm || !norm->hasOneUse() || norm.getResidual() ||
          norm->getBlock() != op->getBlock() ||
          norm.getType() != op.getType() ||
          residual.getType() != op.getType() || !elementOf(op).isF32())
        continue;
      rewriter.replaceOpWithNewOp<RmsNormOp>(op, op.getType(), norm.getX(),
                                             norm.getWeight(), residual,
                                             norm.getEpsilonAttr());
      return success();
    }
    return failure();
  }
};

/// A result that is only read rounded to halves is stored so.
struct FuseRounding : OpRewritePattern<CastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CastOp op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getX();
    Type to = elementOf(op.getResult());
    Operation *producer = x.getDefiningOp();
    if (!isa_and_nonnull<LinearOp, GatedLinearOp, LayerNormOp, RmsNormOp>(
            producer) ||
        !x.hasOneUse() || producer->getBlock() != op->getBlock() ||
        !elementOf(x).isF32() || !(to.isF16() || to.isBF16()))
      return failure();
    rewriter.modifyOpInPlace(producer, [&] { x.setType(op.getType()); });
    rewriter.replaceOp(op, x);
    return success();
  }
};

struct FuseEpilogues : impl::FuseEpiloguesBase<FuseEpilogues> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseActivation, FuseQuickGelu, FuseFactor, FuseResidual,
                 FuseNormResidual, FuseRounding>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace llmc::fuse
