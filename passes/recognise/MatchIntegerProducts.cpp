// SPDX-License-Identifier: Apache-2.0
//
//   %q, %s, %z = llm.dynamic_quantize %x
//   %p = llm.integer_matmul %q, %w a_zero %z b_zero %wz ; %f = llm.cast %p
//   %y = llm.mul %f, %s * %ws
//   ->  %r = llm.fake_quantize %x {rounding = tensor}
//       %y = llm.matmul %r, dequantize(%w, %ws, %wz)
//
// with a stored matrix w whose scales and zero points are one, or one per
// column: the product of floats that the integers stand for, which further
// passes see as any other. And what a model rounds by scales of its own:
//
//   llm.dequantize (llm.quantize %x scale s zero_point z) scale s zero_point z
//   ->  llm.fake_quantize %x {rounding = tensor scale s zero z}
#include "passes/recognise/Passes.h"

#include "ir/llm/QuantOps.h"
#include "ir/llm/Quantized.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Match.h"

#include <cmath>

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {
#define GEN_PASS_DEF_MATCHINTEGERPRODUCTS
#include "passes/recognise/Passes.h.inc"

namespace {
/// A constant or weight of 1 or n elements as [1, n]; null for others.
RecipeAttr perColumn(Value v, int64_t n) {
  RecipeAttr recipe = recipeOf(v);
  if (!recipe)
    return {};
  int64_t count = recipe.getType().getNumElements();
  if (count != 1 && (count != n || !match::isPerColumn(v)))
    return {};
  return broadcastRecipe(reshapeRecipe(recipe, {1, count}), {1, n});
}

/// The factors of a scale; `stop` is one of them as it is.
void addFactors(Value v, Value stop, SmallVectorImpl<Value> &out) {
  auto mul = v == stop ? MulOp() : v.getDefiningOp<MulOp>();
  if (!mul)
    return out.push_back(v);
  addFactors(mul.getX(), stop, out);
  addFactors(mul.getY(), stop, out);
}

/// Whether v is a product of the input's scale and stored numbers.
bool isScale(Value v, Value inputScale) {
  SmallVector<Value> factors;
  addFactors(v, inputScale, factors);
  return llvm::all_of(factors,
                      [&](Value f) { return f == inputScale || recipeOf(f); });
}

/// The last of the multiplications by scales, each the only user of the one
/// before.
Operation *lastScale(Operation *op, Value inputScale) {
  while (op->hasOneUse()) {
    auto mul = dyn_cast<MulOp>(*op->user_begin());
    if (!mul || mul->getBlock() != op->getBlock() ||
        !match::sameDims(mul, op->getResult(0)))
      break;
    Value other = mul.getX() == op->getResult(0) ? mul.getY() : mul.getX();
    if (!isScale(other, inputScale))
      break;
    op = mul;
  }
  return op;
}

struct Product : OpRewritePattern<IntegerMatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(IntegerMatmulOp op,
                                PatternRewriter &rewriter) const override {
    auto quantize = op.getA().getDefiningOp<DynamicQuantizeOp>();
    RecipeAttr q = recipeOf(op.getB());
    if (!quantize || op.getA() != quantize.getResult() ||
        op.getAZero() != quantize.getZeroPoint() || !op->hasOneUse() || !q ||
        q.getType().getRank() != 2 || !elementOf(quantize.getX()).isF32() ||
        quantize->getBlock() != op->getBlock())
      return failure();
    auto exact = dyn_cast<CastOp>(*op->user_begin());
    if (!exact || !elementOf(exact).isF32())
      return failure();
    int64_t n = q.getType().getDimSize(1);
    Operation *last = lastScale(exact, quantize.getScale());
    SmallVector<Value> factors;
    addFactors(last->getResult(0), exact, factors);
    // Besides the product itself: the input's scale once, and the weight's.
    RecipeAttr scales;
    bool hasInputScale = false;
    for (Value factor : factors) {
      if (factor == exact.getResult())
        continue;
      if (factor == quantize.getScale() && !hasInputScale) {
        hasInputScale = true;
        continue;
      }
      if (scales || !(scales = perColumn(factor, n)))
        return failure();
    }
    if (!hasInputScale || !scales)
      return failure();
    RecipeAttr zeros;
    if (op.getBZero()) {
      auto zero = match::splatOf(op.getBZero());
      zeros = perColumn(op.getBZero(), n);
      if (!zeros)
        return failure();
      if (zero && *zero == 0)
        zeros = RecipeAttr();
    }
    RecipeAttr weight =
        dequantizeRecipe(q, scales, zeros, {q.getType().getDimSize(0), 1},
                         rewriter.getF32Type());
    if (!quantizedMatrix(weight))
      return failure();
    Value rounded = roundedInput(rewriter, quantize, op);
    rewriter.setInsertionPoint(last);
    Value stored = WeightOp::create(rewriter, op.getLoc(), weight);
    rewriter.replaceOpWithNewOp<MatmulOp>(last, last->getResult(0).getType(),
                                          rounded, stored);
    return success();
  }

  /// One for all products of an input; below a reshape, so that products keep
  /// the rank of what they multiply.
  static Value roundedInput(PatternRewriter &rewriter,
                            DynamicQuantizeOp quantize, Operation *user) {
    auto rounding = IntegerRoundingAttr::get(rewriter.getContext(), 0);
    Value x = quantize.getX();
    if (auto reshape = x.getDefiningOp<ReshapeOp>())
      x = reshape.getX();
    Value fake;
    for (Operation *other : x.getUsers())
      if (auto known = dyn_cast<FakeQuantizeOp>(other);
          known && known.getRounding() == rounding &&
          known->getBlock() == user->getBlock() && known->isBeforeInBlock(user))
        fake = known;
    rewriter.setInsertionPointAfter(fake ? fake.getDefiningOp()
                                         : quantize.getOperation());
    if (!fake)
      fake = FakeQuantizeOp::create(rewriter, quantize.getLoc(), x, rounding);
    return match::reshapeTo(rewriter, quantize.getLoc(), fake,
                            dimsOf(quantize.getX()));
  }
};

struct Pair : OpRewritePattern<DequantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(DequantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto quantize = op.getX().getDefiningOp<QuantizeOp>();
    if (!quantize || quantize.getPrecision() ||
        quantize.getX().getType() != op.getType() || !elementOf(op).isF32() ||
        !elementOf(quantize.getResult()).isInteger(8) ||
        rankOf(op.getScale()) != 0 || rankOf(quantize.getScale()) != 0)
      return failure();
    auto scale = match::splatOf(op.getScale()),
         other = match::splatOf(quantize.getScale());
    if (!scale || scale != other || !elementOf(op.getScale()).isF32() ||
        !(*scale > 0) || !std::isfinite(*scale))
      return failure();
    auto zero = zeroOf(op.getZeroPoint());
    if (!zero || zero != zeroOf(quantize.getZeroPoint()))
      return failure();
    // Signed bytes are unsigned ones, 128 above.
    bool isSigned = !elementOf(quantize.getResult()).isUnsignedInteger();
    auto rounding = IntegerRoundingAttr::get(rewriter.getContext(), 0,
                                             rewriter.getF32FloatAttr(*scale),
                                             0, *zero + (isSigned ? 128 : 0));
    rewriter.replaceOpWithNewOp<FakeQuantizeOp>(op, quantize.getX(), rounding);
    return success();
  }

  static std::optional<int64_t> zeroOf(Value v) {
    if (!v)
      return 0;
    auto value = match::splatOf(v);
    return value ? std::optional<int64_t>(*value) : std::nullopt;
  }
};

struct MatchIntegerProducts
    : impl::MatchIntegerProductsBase<MatchIntegerProducts> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Pair, Product>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace llmc::recognise
