// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Products.h"

#include "ir/llm/Rotation.h"
#include "ir/llm/Shape.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {

FailureOr<QuantizeSpec> specOf(Operation *op, StringRef text) {
  auto parsed = parseQuantizeSpec(text);
  if (parsed)
    return std::move(*parsed);
  op->emitError(llvm::toString(parsed.takeError()));
  return failure();
}

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
    if (llvm::all_of(weights, [](OpOperand *w) {
          RecipeAttr recipe = recipeOf(w->get());
          return recipe && !isRotation(recipe);
        }))
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

bool isPlain(RecipeAttr recipe) {
  Type element = recipe.getType().getElementType();
  return recipe.getType().getNumElements() > 0 &&
         (element.isF32() || element.isF16() || element.isBF16()) &&
         !isQuantized(recipe);
}

void setWeight(OpOperand &operand, RecipeAttr recipe) {
  OpBuilder b(operand.getOwner());
  Operation *old = operand.get().getDefiningOp();
  operand.set(WeightOp::create(b, operand.getOwner()->getLoc(), recipe));
  if (old->use_empty())
    old->erase();
}

/// Whether a value is, or is a view of, what earlier steps left.
static bool isCached(Value v) {
  Operation *maker = v.getDefiningOp();
  while (maker && isa<ViewOp, SliceOp, TransposeOp, ReshapeOp, CastOp>(maker))
    v = maker->getOperand(0), maker = v.getDefiningOp();
  return !maker || isa<KvAppendOp>(maker);
}

void roundAttention(ModuleOp module) {
  module.walk([](AttentionOp op) {
    bool isFloat = elementOf(op.getQ()).isF32() && !op.getKeyRows();
    if (isFloat && !op.getCausal() && !isCached(op.getK()) &&
        !isCached(op.getV()))
      op.setRounds(true);
  });
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
