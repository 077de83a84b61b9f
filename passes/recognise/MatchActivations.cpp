// SPDX-License-Identifier: Apache-2.0
//
//   %s = llm.sigmoid %x ; llm.mul %x, %s                       ->  llm.silu %x
//   0.5 * x * (1 + erf(x / sqrt 2))                            ->  llm.gelu_erf
//   %x 0.5 * x * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x^3)))    ->
//   llm.gelu_tanh %x
//
// in any order of the factors. Constants may be off by 1e-3 of themselves, as
// f16 models round them.
#include "passes/recognise/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;
using namespace llmc::match;

namespace llmc::recognise {
#define GEN_PASS_DEF_MATCHACTIVATIONS
#include "passes/recognise/Passes.h.inc"

namespace {
bool near(double a, double b) { return std::abs(a - b) <= 1e-3 * std::abs(b); }

struct Silu : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op,
                                PatternRewriter &rewriter) const override {
    for (int side : {0, 1}) {
      auto sigmoid = op->getOperand(side).getDefiningOp<SigmoidOp>();
      Value x = op->getOperand(1 - side);
      if (!sigmoid || sigmoid.getX() != x)
        continue;
      rewriter.replaceOpWithNewOp<SiluOp>(op, op.getType(), x);
      return success();
    }
    return failure();
  }
};

/// Whether y = sqrt(2/pi) * (x + 0.044715 * x^3).
bool isTanhArgument(Value y, Value x) {
  double outer = 1, inner = 1;
  auto add = peelScale(y, outer).getDefiningOp<AddOp>();
  if (!add)
    return false;
  for (int side : {0, 1}) {
    if (add->getOperand(side) != x)
      continue;
    Value cube = peelScale(add->getOperand(1 - side), inner);
    auto pow = cube.getDefiningOp<PowOp>();
    if (pow ? pow.getX() != x || !isSplat(pow.getY(), 3, 0) : false)
      return false;
    if (!pow) {
      Product p = productOf(add->getOperand(1 - side), x);
      inner = p.constant;
      if (p.factors != SmallVector<Value, 4>{x, x, x}) {
        // x * x^2 by pow
        if (p.factors.size() != 2)
          return false;
        auto square = p.factors[p.factors[0] == x].getDefiningOp<PowOp>();
        if (!llvm::is_contained(p.factors, x) || !square ||
            square.getX() != x || !isSplat(square.getY(), 2, 0))
          return false;
      }
    }
    return near(outer, 0.7978845608) && near(inner, 0.044715);
  }
  // x * (1 + 0.044715 * x^2), scaled
  return false;
}

/// The x whose erf or tanh v = 1 + f(...) holds, and the operand of f.
Value onePlus(Value v, bool &isErf) {
  double one = 0;
  auto add = v.getDefiningOp<AddOp>();
  Value f = withSplat(add, one);
  if (!f || one != 1)
    return {};
  if (auto erf = f.getDefiningOp<ErfOp>()) {
    isErf = true;
    return erf.getX();
  }
  if (auto tanh = f.getDefiningOp<TanhOp>()) {
    isErf = false;
    return tanh.getX();
  }
  return {};
}

/// The input of GELU from its inner function's argument.
Value geluInput(Value argument, bool isErf) {
  double scale = 1;
  Value x = peelScale(argument, scale);
  if (isErf)
    return near(scale, 0.70710678) ? x : Value();
  auto add = x.getDefiningOp<AddOp>();
  if (!add)
    return {};
  for (Value side : {add.getX(), add.getY()})
    if (isTanhArgument(argument, side))
      return side;
  return {};
}

struct Gelu : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op,
                                PatternRewriter &rewriter) const override {
    // The factor 1 + f(x) is somewhere below; x follows from it.
    for (Value factor : productOf(op.getResult()).factors) {
      bool isErf = false;
      Value argument = onePlus(factor, isErf);
      Value x = argument ? geluInput(argument, isErf) : Value();
      if (!x || x.getType() != op.getType())
        continue;
      Product p = productOf(op.getResult(), x);
      if (p.factors.size() != 2 || !near(p.constant, 0.5) ||
          !llvm::is_contained(p.factors, x) ||
          !llvm::is_contained(p.factors, factor))
        continue;
      if (isErf)
        rewriter.replaceOpWithNewOp<GeluErfOp>(op, op.getType(), x);
      else
        rewriter.replaceOpWithNewOp<GeluTanhOp>(op, op.getType(), x);
      return success();
    }
    return failure();
  }
};

struct MatchActivations : impl::MatchActivationsBase<MatchActivations> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Silu, Gelu>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace llmc::recognise
