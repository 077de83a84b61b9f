// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/CorrectBiases.h"

#include "ir/llm/Shape.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {

/// What the mean of the products' rows lost, [N].
static std::vector<float> lostMean(RecipeAttr before, RecipeAttr now,
                                   const passes::InputStatistics &statistics,
                                   const passes::WeightStore &store) {
  std::vector<float> was = store.read(before), is = store.read(now);
  auto n = static_cast<size_t>(before.getType().getDimSize(1));
  std::vector<double> lost(n);
  for (size_t i = 0; i < was.size(); ++i)
    lost[i % n] += statistics.sum[i / n] *
                   (static_cast<double>(was[i]) - static_cast<double>(is[i]));
  std::vector<float> mean;
  for (double sum : lost)
    mean.push_back(
        static_cast<float>(sum / static_cast<double>(statistics.rows)));
  return mean;
}

void correctBiases(const Product &product, ArrayRef<RecipeAttr> before,
                   const passes::InputStatistics &statistics,
                   passes::WeightStore &store) {
  if (statistics.rows == 0)
    return;
  OpBuilder b(product.op);
  SmallVector<MutableOperandRange> biases;
  if (auto linear = dyn_cast<LinearOp>(product.op)) {
    biases.push_back(linear.getBiasMutable());
  } else {
    auto gated = cast<GatedLinearOp>(product.op);
    // Both are set: in the order of the weights.
    biases.push_back(gated.getGateBiasMutable());
    biases.push_back(gated.getUpBiasMutable());
  }
  SmallVector<Value> corrected;
  for (auto [weight, was, bias] : llvm::zip(product.weights, before, biases)) {
    std::vector<float> mean =
        lostMean(was, recipeOf(weight->get()), statistics, store);
    auto type = RankedTensorType::get({static_cast<int64_t>(mean.size())},
                                      b.getF32Type());
    RecipeAttr sum =
        store.spill(type, std::as_bytes(std::span(mean)), "bias correction");
    if (bias.size()) {
      RecipeAttr old = recipeOf(bias[0].get());
      sum =
          castRecipe(binaryRecipe("add", castRecipe(old, b.getF32Type()), sum),
                     old.getType().getElementType());
    } else {
      sum = castRecipe(sum, elementOf(product.op->getResult(0)));
    }
    corrected.push_back(WeightOp::create(b, product.op->getLoc(), sum));
  }
  for (auto [bias, value] : llvm::zip(biases, corrected))
    bias.assign(value);
}

/// Whether a product's biases are stored, or it has none.
bool hasStoredBiases(const Product &product) {
  return llvm::all_of(product.op->getOperands().drop_front(),
                      [](Value v) { return bool(recipeOf(v)); });
}

} // namespace llmc::quantize
