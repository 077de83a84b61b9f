// SPDX-License-Identifier: Apache-2.0
//
//   %s = llm.pow %x, 2 ; %m = llm.reduce mean %s ; %v = llm.add %m, eps
//   %r = llm.sqrt %v ; %n = llm.div %x, %r ; %y = llm.mul %n, %weight
//   ->  %y = llm.rms_norm %x, %weight {epsilon = eps}
//
// in small steps: the core without weight, then the weight, then the casts that
// f16 models put around it. The normalization of x - mean(x) is a layer norm.
// Statistics are over the last dim, kept as 1.
#include "passes/recognise/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;
using llmc::match::isSplat;
using llmc::match::splatOf;

namespace llmc::recognise {
#define GEN_PASS_DEF_MATCHNORMS
#include "passes/recognise/Passes.h.inc"

namespace {
/// x if v is its mean over the last dim.
Value meanOf(Value v) {
  auto reduce = v.getDefiningOp<ReduceOp>();
  if (!reduce || reduce.getKind() != ReduceKind::Mean ||
      !reduce.getKeepdims() ||
      reduce.getAxes() != ArrayRef<int64_t>{rankOf(reduce.getX()) - 1})
    return {};
  return reduce.getX();
}

Value squareOf(Value v) {
  if (auto mul = v.getDefiningOp<MulOp>(); mul && mul.getX() == mul.getY())
    return mul.getX();
  auto pow = v.getDefiningOp<PowOp>();
  return pow && splatOf(pow.getY()) == 2.0 ? pow.getX() : Value();
}

/// x and eps if v is mean(x^2) + eps.
Value meanSquareOf(Value v, double &epsilon) {
  auto add = v.getDefiningOp<AddOp>();
  Value mean = match::withSplat(add, epsilon);
  Value square = mean ? meanOf(mean) : Value();
  return square ? squareOf(square) : Value();
}

/// x and eps if v is 1 / sqrt(mean(x^2) + eps), in any spelling.
Value inverseRmsOf(Value v, double &epsilon) {
  if (auto r = v.getDefiningOp<RsqrtOp>())
    return meanSquareOf(r.getX(), epsilon);
  if (auto p = v.getDefiningOp<PowOp>(); p && splatOf(p.getY()) == -0.5)
    return meanSquareOf(p.getX(), epsilon);
  Value root;
  if (auto r = v.getDefiningOp<ReciprocalOp>())
    root = r.getX();
  else if (auto d = v.getDefiningOp<DivOp>(); d && splatOf(d.getX()) == 1.0)
    root = d.getY();
  auto sqrt = root ? root.getDefiningOp<SqrtOp>() : SqrtOp();
  return sqrt ? meanSquareOf(sqrt.getX(), epsilon) : Value();
}

struct Core : RewritePattern {
  explicit Core(MLIRContext *ctx)
      : RewritePattern(MatchAnyOpTypeTag(), 1, ctx) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    double epsilon = 0;
    Value x;
    if (auto div = dyn_cast<DivOp>(op)) {
      auto sqrt = div.getY().getDefiningOp<SqrtOp>();
      x = sqrt ? meanSquareOf(sqrt.getX(), epsilon) : Value();
      if (x != div.getX())
        return failure();
    } else if (isa<MulOp>(op)) {
      for (int side : {0, 1})
        if (Value of = inverseRmsOf(op->getOperand(side), epsilon);
            of && of == op->getOperand(1 - side))
          x = of;
    }
    if (!x || x.getType() != op->getResult(0).getType() ||
        !isa<FloatType>(elementOf(x)))
      return failure();
    rewriter.replaceOpWithNewOp<RmsNormOp>(op, x.getType(), x, Value(), Value(),
                                           APFloat(epsilon));
    return success();
  }
};

/// rms_norm(x - mean(x)) -> layer_norm(x)
struct Centered : OpRewritePattern<RmsNormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RmsNormOp op,
                                PatternRewriter &rewriter) const override {
    auto sub = op.getX().getDefiningOp<SubOp>();
    if (!sub || meanOf(sub.getY()) != sub.getX())
      return failure();
    rewriter.replaceOpWithNewOp<LayerNormOp>(op, op.getType(), sub.getX(),
                                             op.getWeight(), Value(),
                                             op.getEpsilonAttr());
    return success();
  }
};

/// A stored vector of the norm's width as an operand for it.
Value parameter(PatternRewriter &rewriter, Value v, Value norm) {
  auto width = fixedDim(dimsOf(norm).back());
  if (!width || !recipeOf(v) || !match::isPerColumn(v) ||
      fixedDim(dimsOf(v).back()) != width)
    return {};
  return match::asWeight(rewriter, v, {*width});
}

/// mul(norm, weight), add(layer_norm, bias)
struct Parameters : RewritePattern {
  explicit Parameters(MLIRContext *ctx)
      : RewritePattern(MatchAnyOpTypeTag(), 1, ctx) {}
  /// mul(cast(rms_norm), weight) -> cast(rms_norm with the weight): the result
  /// is rounded once.
  static LogicalResult weighBeforeCast(Operation *op,
                                       PatternRewriter &rewriter) {
    for (int side : {0, 1}) {
      auto cast = op->getOperand(side).getDefiningOp<CastOp>();
      auto rms = cast ? cast.getX().getDefiningOp<RmsNormOp>() : RmsNormOp();
      if (!rms || rms.getWeight() || !cast->hasOneUse() || !rms->hasOneUse() ||
          !isa<FloatType>(elementOf(cast)) ||
          cast.getType() != op->getResult(0).getType())
        continue;
      Value weight = parameter(rewriter, op->getOperand(1 - side), rms);
      if (!weight)
        continue;
      weight = WeightOp::create(rewriter, op->getLoc(),
                                castRecipe(recipeOf(weight), elementOf(rms)));
      Value norm =
          RmsNormOp::create(rewriter, rms.getLoc(), rms.getType(), rms.getX(),
                            weight, Value(), rms.getEpsilonAttr());
      rewriter.replaceOpWithNewOp<CastOp>(op, cast.getType(), norm);
      return success();
    }
    return failure();
  }

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<MulOp, AddOp>(op))
      return failure();
    if (isa<MulOp>(op) && succeeded(weighBeforeCast(op, rewriter)))
      return success();
    for (int side : {0, 1}) {
      Value norm = op->getOperand(side), other = op->getOperand(1 - side);
      if (!norm.hasOneUse() || norm.getType() != op->getResult(0).getType())
        continue;
      if (auto rms = norm.getDefiningOp<RmsNormOp>();
          rms && isa<MulOp>(op) && !rms.getWeight()) {
        Value weight = parameter(rewriter, other, norm);
        if (!weight)
          continue;
        rewriter.replaceOpWithNewOp<RmsNormOp>(op, norm.getType(), rms.getX(),
                                               weight, Value(),
                                               rms.getEpsilonAttr());
        return success();
      }
      auto layer = norm.getDefiningOp<LayerNormOp>();
      if (!layer || layer.getBias() || (isa<MulOp>(op) && layer.getWeight()))
        continue;
      Value value = parameter(rewriter, other, norm);
      if (!value)
        continue;
      rewriter.replaceOpWithNewOp<LayerNormOp>(
          op, norm.getType(), layer.getX(),
          isa<MulOp>(op) ? value : layer.getWeight(),
          isa<MulOp>(op) ? Value() : value, layer.getEpsilonAttr());
      return success();
    }
    return failure();
  }
};

/// cast(norm(cast(x))) -> norm(x): statistics are f32 in any case, and the
/// weight has x's type or was widened from it.
struct Narrow : OpRewritePattern<CastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CastOp op,
                                PatternRewriter &rewriter) const override {
    Operation *norm = op.getX().getDefiningOp();
    if (!norm || !isa<RmsNormOp, LayerNormOp>(norm) || !norm->hasOneUse() ||
        !elementOf(op.getX()).isF32())
      return failure();
    auto wide = norm->getOperand(0).getDefiningOp<CastOp>();
    if (!wide || wide.getX().getType() != op.getType() ||
        !isa<FloatType>(elementOf(op)))
      return failure();
    SmallVector<RecipeAttr> parameters;
    for (Value p : norm->getOperands().drop_front()) {
      RecipeAttr recipe = recipeOf(p);
      if (!recipe || recipe.getKind() != "cast")
        return failure();
      recipe = cast<RecipeAttr>(recipe.getInputs()[0]);
      if (recipe.getType().getElementType() != elementOf(op))
        return failure();
      parameters.push_back(recipe);
    }
    SmallVector<Value> operands{wide.getX()};
    for (RecipeAttr recipe : parameters)
      operands.push_back(WeightOp::create(rewriter, op.getLoc(), recipe));
    Operation *narrow = rewriter.clone(*norm);
    rewriter.modifyOpInPlace(narrow, [&] {
      narrow->setOperands(operands);
      narrow->getResult(0).setType(op.getType());
    });
    rewriter.replaceOp(op, narrow);
    return success();
  }
};

/// reshape(norm(reshape(x))) with the width kept -> norm(reshape(x)): a norm
/// per head on merged heads.
struct Unmerge : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    Operation *norm = op.getX().getDefiningOp();
    if (!norm || !isa<RmsNormOp, LayerNormOp>(norm) || !norm->hasOneUse() ||
        !norm->getOperand(0).getDefiningOp<ReshapeOp>() || dimsOf(op).empty() ||
        dimsOf(op).back() != dimsOf(op.getX()).back())
      return failure();
    Value x = ReshapeOp::create(rewriter, op.getLoc(), op.getType(),
                                norm->getOperand(0));
    Operation *outer = rewriter.clone(*norm);
    rewriter.modifyOpInPlace(outer, [&] {
      outer->setOperand(0, x);
      outer->getResult(0).setType(op.getType());
    });
    rewriter.replaceOp(op, outer);
    return success();
  }
};

struct MatchNorms : impl::MatchNormsBase<MatchNorms> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Core, Centered, Parameters, Narrow, Unmerge>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    // What looks like a norm and is none: a root of a mean of squares.
    getOperation()->walk([](SqrtOp op) {
      double epsilon = 0;
      if (meanSquareOf(op.getX(), epsilon))
        match::missed(
            op, "match-norms",
            "a root mean square is used in another way than to divide "
            "its own input");
    });
  }
};
} // namespace
} // namespace llmc::recognise
