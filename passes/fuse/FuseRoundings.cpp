// SPDX-License-Identifier: Apache-2.0
//
//   %r = llm.fake_quantize %x {rounding = R} ; llm.linear %r, %w
//   ->  llm.linear %x, %w {rounding = R}
//
// where nothing else reads %r, or the scale is known. %r may be reshaped if it
// is rounded as a whole and nothing else reads it. The product's kernel
// quantizes its input. It rotates it, too:
//
//   %r = llm.linear %x, rotation ; llm.linear %r, %w {rounding = <group = g>}
//   ->  llm.linear %x, %w {rounding = <group = g rotation = b>}
//
// by additions alone, where products that round are all that reads %r.
#include "passes/fuse/Passes.h"

#include "ir/llm/QuantOps.h"
#include "ir/llm/Shape.h"
#include "ir/llm/Weights.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::fuse {
#define GEN_PASS_DEF_FUSEROUNDINGS
#include "passes/fuse/Passes.h.inc"

namespace {
void setRounding(Operation *product, IntegerRoundingAttr rounding) {
  if (auto linear = dyn_cast<LinearOp>(product))
    linear.setRoundingAttr(rounding);
  else
    cast<GatedLinearOp>(product).setRoundingAttr(rounding);
}

/// How a product rounds its input; null: it doesn't, or is none.
IntegerRoundingAttr roundingOf(Operation *op) {
  if (auto linear = dyn_cast<LinearOp>(op))
    return linear.getRoundingAttr();
  auto gated = dyn_cast<GatedLinearOp>(op);
  return gated ? gated.getRoundingAttr() : IntegerRoundingAttr();
}

/// Whether the use is a product's in the block, which now rounds its input.
bool take(OpOperand &use, Block *block, IntegerRoundingAttr rounding) {
  Operation *product = use.getOwner();
  if (product->getBlock() != block || use.getOperandNumber() != 0 ||
      !isa<LinearOp, GatedLinearOp>(product) || roundingOf(product))
    return false;
  setRounding(product, rounding);
  return true;
}

/// The rows that a rotation makes, reshaped back if it works on parts of them.
Value rowsOf(LinearOp rotation) {
  Value rows = rotation;
  auto in = rotation.getX().getDefiningOp<ReshapeOp>();
  auto out =
      rows.hasOneUse() ? dyn_cast<ReshapeOp>(*rows.user_begin()) : ReshapeOp();
  return in && out && in.getX().getType() == out.getType() ? out.getResult()
                                                           : rows;
}

void fuseRotation(LinearOp rotation) {
  constexpr int64_t longest = 1 << 14; // numbers of a row, in a frame
  RecipeAttr recipe = recipeOf(rotation.getWeight());
  if (!recipe || recipe.getKind() != "rotation")
    return;
  Value rows = rowsOf(rotation), x = rotation.getX();
  if (rows != rotation.getResult())
    x = x.getDefiningOp<ReshapeOp>().getX();
  int64_t block = recipe.getType().getDimSize(0),
          width = fixedDim(dimsOf(rows).back()).value_or(longest + 1);
  bool isTaken = llvm::all_of(rows.getUses(), [&](OpOperand &use) {
    IntegerRoundingAttr rounding = roundingOf(use.getOwner());
    return use.getOperandNumber() == 0 && rounding && !rounding.isPerTensor() &&
           !rounding.getRotation() && rounding.getGroup() % block == 0;
  });
  if (!isTaken || width > longest)
    return;
  for (Operation *user : llvm::make_early_inc_range(rows.getUsers())) {
    IntegerRoundingAttr now = roundingOf(user);
    auto rounding = IntegerRoundingAttr::get(user->getContext(), now.getGroup(),
                                             now.getScale(), block);
    user->setOperand(0, x);
    setRounding(user, rounding);
  }
  Operation *weight = rotation.getWeight().getDefiningOp();
  for (Value dead = rows; dead != x && dead.use_empty();) {
    Operation *op = dead.getDefiningOp();
    dead = op->getOperand(0);
    op->erase();
  }
  if (weight->use_empty())
    weight->erase();
}

struct FuseRoundings : impl::FuseRoundingsBase<FuseRoundings> {
  void runOnOperation() override {
    getOperation()->walk([](FakeQuantizeOp fake) {
      IntegerRoundingAttr rounding = fake.getRounding();
      Value rounded = fake;
      while (rounding.isPerTensor() && rounded.hasOneUse() &&
             isa<ReshapeOp>(*rounded.user_begin()))
        rounded = rounded.user_begin()->getResult(0);
      bool isOnly = rounded.hasOneUse();
      if (!isOnly) // what is reshaped stays so for all that read it
        rounded = fake;
      if (!isOnly && !rounding.fixedScale())
        return;
      for (OpOperand &use : llvm::make_early_inc_range(rounded.getUses())) {
        if (!take(use, fake->getBlock(), rounding))
          continue;
        if (rounded == fake.getResult())
          use.set(fake.getX());
        else
          fake.getResult().replaceAllUsesWith(fake.getX());
      }
      if (fake.use_empty())
        fake.erase();
    });
    SmallVector<LinearOp> linears;
    getOperation()->walk([&](LinearOp op) { linears.push_back(op); });
    for (LinearOp linear : linears)
      fuseRotation(linear);
  }
};
} // namespace
} // namespace llmc::fuse
