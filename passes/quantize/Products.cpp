// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Products.h"

#include "ir/llm/Shape.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {

static bool isHead(Operation *product) {
  SmallVector<Operation *> open{product};
  llvm::SmallPtrSet<Operation *, 8> seen{product};
  while (!open.empty())
    for (Operation *user : open.pop_back_val()->getUsers()) {
      if (isa<func::ReturnOp>(user) || !seen.insert(user).second)
        continue;
      bool passes = isa<ElementwiseOp, ViewOp, SliceOp, TransposeOp, ReshapeOp,
                        GatherOp, MapOp>(user);
      if (!passes)
        return false;
      open.push_back(user);
    }
  return true;
}

SmallVector<Product> productsOf(ModuleOp module) {
  SmallVector<Product> all;
  module.walk([&](Operation *op) {
    SmallVector<OpOperand *, 2> weights;
    if (auto linear = dyn_cast<LinearOp>(op))
      weights = {&linear.getWeightMutable()};
    else if (auto gated = dyn_cast<GatedLinearOp>(op))
      weights = {&gated.getGateMutable(), &gated.getUpMutable()};
    else
      return;
    if (llvm::all_of(weights, [](OpOperand *w) { return recipeOf(w->get()); }))
      all.push_back({op, weights, isHead(op)});
  });
  return all;
}

void addNames(RecipeAttr recipe, const passes::WeightStore *store,
              std::vector<std::string> &names) {
  if (store && recipe.getKind() == "source")
    names.push_back(
        store->name(cast<IntegerAttr>(recipe.getParams().get("id")).getInt()));
  for (Attribute input : recipe.getInputs())
    addNames(cast<RecipeAttr>(input), store, names);
}

std::vector<std::string> namesOf(const Product &product,
                                 const passes::WeightStore *store) {
  std::vector<std::string> names;
  if (Site site = siteOf(product.op->getLoc()); !site.name.empty())
    names.push_back(site.name);
  for (OpOperand *weight : product.weights)
    addNames(recipeOf(weight->get()), store, names);
  return names;
}

bool isObservable(Value input) {
  auto f = dyn_cast<func::FuncOp>(input.getParentBlock()->getParentOp());
  return f && f.getName() == "main" && fixedDim(dimsOf(input).back());
}

bool isQuantized(RecipeAttr recipe) {
  return recipe.getKind() == "dequantize" ||
         llvm::any_of(recipe.getInputs(), [](Attribute input) {
           return isQuantized(cast<RecipeAttr>(input));
         });
}

void setWeight(OpOperand &operand, RecipeAttr recipe) {
  OpBuilder b(operand.getOwner());
  Operation *old = operand.get().getDefiningOp();
  operand.set(WeightOp::create(b, operand.getOwner()->getLoc(), recipe));
  if (old->use_empty())
    old->erase();
}

void setRounding(const Product &product, IntegerRoundingAttr rounding) {
  if (auto linear = dyn_cast<LinearOp>(product.op))
    linear.setRoundingAttr(rounding);
  else
    cast<GatedLinearOp>(product.op).setRoundingAttr(rounding);
}

bool hasRounding(const Product &product) {
  if (auto linear = dyn_cast<LinearOp>(product.op))
    return bool(linear.getRounding());
  return bool(cast<GatedLinearOp>(product.op).getRounding());
}

void restoreWeights(ModuleOp module, ArrayRef<passes::WeightChange> changes) {
  llvm::DenseMap<Attribute, RecipeAttr> before;
  for (const passes::WeightChange &change : changes)
    before[change.after] = change.before;
  for (const Product &product : productsOf(module))
    for (OpOperand *weight : product.weights)
      if (RecipeAttr recipe = before.lookup(recipeOf(weight->get()))) {
        setWeight(*weight, recipe);
        setRounding(product, {});
      }
}

} // namespace llmc::quantize
