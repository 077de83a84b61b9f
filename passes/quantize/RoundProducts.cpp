// SPDX-License-Identifier: Apache-2.0
//
//   %y = llm.linear %x, %w            %x and %w of f32
//   ->  %y = llm.linear (llm.cast %x), %w'          both of bf16, %y of f32
//
// and what attention multiplies, where that gains.
//
// CPUs with products of bf16 multiply twice as many of them, and weights are
// half as long. A table of embeddings that is such a weight as well is rounded
// with it, so that it stays stored once.
#include "passes/quantize/Passes.h"

#include "ir/llm/Quantized.h"
#include "ir/llm/Rotation.h"
#include "ir/llm/Shape.h"
#include "ir/llm/Weights.h"
#include "passes/quantize/Products.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {
#define GEN_PASS_DEF_ROUNDPRODUCTS
#include "passes/quantize/Passes.h.inc"

namespace {
class Rounding {
public:
  explicit Rounding(MLIRContext *context)
      : element(BFloat16Type::get(context)) {}

  template <class Op> void round(Op op, ArrayRef<OpOperand *> weights) {
    if (op.getRounding())
      return; // rounded to integers already
    for (OpOperand *weight : weights)
      if (!isRoundable(weight->get()))
        return;
    for (OpOperand *weight : weights) {
      RecipeAttr recipe = recipeOf(weight->get());
      rounded.insert(recipe);
      weight->set(weightOf(op, recipe));
    }
    OpBuilder b(op);
    op.getXMutable().assign(CastOp::create(
        b, op.getLoc(), withElement(op.getX().getType(), element), op.getX()));
  }

  void round(EmbeddingOp op) {
    RecipeAttr recipe = recipeOf(op.getTable());
    if (!recipe || recipe.getType().getRank() != 2 ||
        !rounded.contains(transposeRecipe(recipe, {1, 0})))
      return;
    Value before = op.getResult();
    Type type = before.getType();
    op.getTableMutable().assign(weightOf(op, recipe));
    before.setType(withElement(type, element));
    OpBuilder b(op);
    b.setInsertionPointAfter(op);
    auto back = CastOp::create(b, op.getLoc(), type, before);
    before.replaceAllUsesExcept(back, back);
  }

private:
  static bool isRoundable(Value weight) {
    RecipeAttr recipe = recipeOf(weight);
    return recipe && recipe.getType().getElementType().isF32() &&
           !quantizedMatrix(recipe) && !isRotation(recipe);
  }

  Value weightOf(Operation *user, RecipeAttr recipe) {
    OpBuilder b(user);
    return WeightOp::create(b, user->getLoc(), castRecipe(recipe, element));
  }

  Type element;
  llvm::DenseSet<Attribute> rounded; ///< weights [K, N] as they were
};

struct RoundProducts : impl::RoundProductsBase<RoundProducts> {
  void runOnOperation() override {
    Rounding rounding(&getContext());
    getOperation().walk([&](LinearOp op) {
      if (elementOf(op.getX()).isF32())
        rounding.round(op, {&op.getWeightMutable()});
    });
    getOperation().walk([&](GatedLinearOp op) {
      if (elementOf(op.getX()).isF32())
        rounding.round(op, {&op.getGateMutable(), &op.getUpMutable()});
    });
    roundAttention(getOperation());
    // All products are known: tables that are weights, too.
    getOperation().walk([&](EmbeddingOp op) { rounding.round(op); });
  }
};
} // namespace
} // namespace llmc::quantize
