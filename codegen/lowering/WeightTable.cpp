// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/WeightTable.h"

#include "codegen/cpu/Panels.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace llmc {

void WeightTable::scan(ModuleOp module) {
  auto add = [&](Value weight) {
    if (llm::RecipeAttr recipe = llm::recipeOf(weight))
      panels.insert(recipe);
  };
  module.walk([&](llm::LinearOp op) { add(op.getWeight()); });
  module.walk(
      [&](llm::GatedLinearOp op) { add(op.getGate()), add(op.getUp()); });
}

int64_t WeightTable::packed(llm::RecipeAttr weight) {
  Builder b(weight.getContext());
  bool pairs = panelInterleave(weight.getType().getElementType()) == 2;
  auto layout = b.getDictionaryAttr(
      b.getNamedAttr("layout", b.getStringAttr(pairs ? "pair16" : "panel16")));
  auto pack =
      llm::RecipeAttr::get(b.getContext(), b.getStringAttr("pack"),
                           b.getArrayAttr({weight}), layout, weight.getType());
  return plain(pack);
}

int64_t WeightTable::plain(llm::RecipeAttr weight) {
  order.insert(weight);
  return llvm::find(order, weight) - order.begin();
}

} // namespace llmc
