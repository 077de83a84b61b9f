// SPDX-License-Identifier: Apache-2.0
//
//   %g = llm.linear %x, %gate ; %a = llm.silu %g ; %u = llm.linear %x, %up
//   %m = llm.mul %a, %u ; llm.linear %m, %down
//   ->  llm.gated_mlp %x, %gate, %up, %down {activation = silu}
//
// Where %m is rounded to integers before %down, the first half becomes an
// llm.gated_linear. Gate and up may be columns of one product. Intermediate
// results have no other use.
#include "passes/recognise/Passes.h"

#include "ir/llm/QuantOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {
#define GEN_PASS_DEF_MATCHGATEDMLP
#include "passes/recognise/Passes.h.inc"

namespace {
std::optional<std::pair<Activation, Value>> activationOf(Value v) {
  Operation *op = v.getDefiningOp();
  if (!op || op->getNumOperands() != 1)
    return std::nullopt;
  Value x = op->getOperand(0);
  if (isa<SiluOp>(op))
    return {{Activation::Silu, x}};
  if (isa<GeluErfOp>(op))
    return {{Activation::GeluErf, x}};
  if (isa<GeluTanhOp>(op))
    return {{Activation::GeluTanh, x}};
  if (isa<ReluOp>(op))
    return {{Activation::Relu, x}};
  if (isa<SigmoidOp>(op))
    return {{Activation::Sigmoid, x}};
  if (isa<TanhOp>(op))
    return {{Activation::Tanh, x}};
  return std::nullopt;
}

/// A product with a weight, or columns of one.
struct Columns {
  Value x;
  RecipeAttr weight, bias;
};

std::optional<Columns> columnsOf(Value v) {
  auto slice = v.getDefiningOp<SliceOp>();
  auto linear = (slice ? slice.getX() : v).getDefiningOp<LinearOp>();
  if (!linear || linear.hasEpilogue() || linear.getRounding() ||
      (!slice && !linear->hasOneUse()))
    return std::nullopt;
  Columns out{linear.getX(), recipeOf(linear.getWeight()),
              linear.getBias() ? recipeOf(linear.getBias()) : RecipeAttr()};
  if (!out.weight || (linear.getBias() && !out.bias)) // computed ones
    return std::nullopt;
  if (!slice)
    return out;
  auto part = match::partOf(slice, rankOf(v) - 1);
  if (!part)
    return std::nullopt;
  int64_t k = out.weight.getType().getDimSize(0);
  out.weight =
      sliceRecipe(out.weight, {0, part->start}, {1, 1}, {k, part->size});
  if (out.bias)
    out.bias = sliceRecipe(out.bias, {part->start}, {1}, {part->size});
  return out;
}

/// act(x . gate) * (x . up)
struct Half {
  Columns gate, up;
  Activation activation;
};

std::optional<Half> halfOf(MulOp mul) {
  if (!mul || !mul->hasOneUse())
    return std::nullopt;
  for (int side : {0, 1}) {
    auto act = activationOf(mul->getOperand(side));
    if (!act || !mul->getOperand(side).hasOneUse())
      continue;
    auto gate = columnsOf(act->second),
         up = columnsOf(mul->getOperand(1 - side));
    if (gate && up && gate->x == up->x &&
        gate->weight.getType() == up->weight.getType() &&
        !gate->bias == !up->bias) // biases come both or not at all
      return Half{*gate, *up, act->first};
  }
  return std::nullopt;
}

Value weight(PatternRewriter &rewriter, Location loc, RecipeAttr recipe) {
  return recipe ? WeightOp::create(rewriter, loc, recipe).getResult() : Value();
}

struct Gated : OpRewritePattern<LinearOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LinearOp op,
                                PatternRewriter &rewriter) const override {
    auto half = halfOf(op.getX().getDefiningOp<MulOp>());
    if (!half || op.hasEpilogue() || op.getRounding())
      return failure();
    auto stored = [&](RecipeAttr r) {
      return weight(rewriter, op.getLoc(), r);
    };
    rewriter.replaceOpWithNewOp<GatedMlpOp>(
        op, op.getType(), half->gate.x, stored(half->gate.weight),
        stored(half->up.weight), op.getWeight(), stored(half->gate.bias),
        stored(half->up.bias), op.getBias(), half->activation);
    return success();
  }
};

/// The first half alone, where its result is rounded before the second one.
struct RoundedHalf : OpRewritePattern<FakeQuantizeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(FakeQuantizeOp op,
                                PatternRewriter &rewriter) const override {
    auto mul = op.getX().getDefiningOp<MulOp>();
    auto half = halfOf(mul);
    if (!half)
      return failure();
    auto stored = [&](RecipeAttr r) {
      return weight(rewriter, op.getLoc(), r);
    };
    rewriter.replaceOpWithNewOp<GatedLinearOp>(
        mul, mul.getType(), half->gate.x, stored(half->gate.weight),
        stored(half->up.weight), stored(half->gate.bias), stored(half->up.bias),
        half->activation, IntegerRoundingAttr());
    return success();
  }
};

struct MatchGatedMlp : impl::MatchGatedMlpBase<MatchGatedMlp> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Gated, RoundedHalf>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace llmc::recognise
