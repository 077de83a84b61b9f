// SPDX-License-Identifier: Apache-2.0
//
//   %q = llm.linear %x, %wq ; %k = llm.linear %x, %wk ; %v = llm.linear %x, %wv
//   ->  %m = llm.linear %x, concat(wq, wk, wv) ; %q = llm.slice %m ...
//   (columns)
//
// One pass over x with one kernel call. Only products before the same attention
// belong together: the keys that all layers of a decoder make from one encoder
// output stay apart.
#include "passes/recognise/Passes.h"

#include "ir/llm/Quantized.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/match/Match.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::recognise {
#define GEN_PASS_DEF_MERGELINEARS
#include "passes/recognise/Passes.h.inc"

namespace {
bool isPlain(LinearOp op) {
  return !op.hasEpilogue() && !op.getRounding() && recipeOf(op.getWeight()) &&
         (!op.getBias() || recipeOf(op.getBias()));
}

/// Equal for weights that are stored in one way, with biases that may stand
/// behind each other: others stay apart.
Attribute storageKey(LinearOp op) {
  Value bias = op.getBias() ? op.getBias() : op.getWeight();
  Builder b(op.getContext());
  Attribute format = quantizationKey(recipeOf(op.getWeight()));
  return b.getArrayAttr({format ? format : b.getUnitAttr(),
                         TypeAttr::get(elementOf(op.getWeight())),
                         TypeAttr::get(elementOf(bias))});
}

/// Zeros for a product without bias among ones that have it.
RecipeAttr biasOf(LinearOp op) {
  if (op.getBias())
    return recipeOf(op.getBias());
  auto n = cast<RankedTensorType>(op.getWeight().getType()).getDimSize(1);
  auto type = RankedTensorType::get({n}, elementOf(op.getWeight()));
  return denseRecipe(
      DenseElementsAttr::get(type, FloatAttr::get(type.getElementType(), 0.0)));
}

void merge(ArrayRef<LinearOp> group) {
  LinearOp first = group.front();
  OpBuilder builder(first);
  Location loc = first.getLoc();
  SmallVector<RecipeAttr> weights, biases;
  bool anyBias = llvm::any_of(group, [](LinearOp op) { return op.getBias(); });
  for (LinearOp op : group) {
    weights.push_back(recipeOf(op.getWeight()));
    biases.push_back(biasOf(op));
  }
  Value weight = WeightOp::create(builder, loc, concatRecipe(weights, 1)), bias;
  if (anyBias)
    bias = WeightOp::create(builder, loc, concatRecipe(biases, 0));
  Dims dims = dimsOf(first);
  dims.back() = dimsOf(weight)[1];
  auto whole = LinearOp::create(
      builder, loc, tensorType(builder.getContext(), dims, elementOf(first)),
      first.getX(), weight, bias, Value(), Activation::None,
      IntegerRoundingAttr());
  Dims starts(dims.size(), constantDim(builder.getContext(), 0));
  SmallVector<int64_t> steps(dims.size(), 1);
  for (LinearOp op : group) {
    Value part = SliceOp::create(builder, op.getLoc(), op.getType(), whole,
                                 dimsMap(builder.getContext(), starts), steps);
    starts.back() = simplified(starts.back() + dimsOf(op).back());
    op.getResult().replaceAllUsesWith(part);
  }
  for (LinearOp op : group)
    op.erase();
}

struct MergeLinears : impl::MergeLinearsBase<MergeLinears> {
  void runOnOperation() override {
    getOperation()->walk([](Block *block) {
      SmallVector<SmallVector<LinearOp>> groups;
      llvm::MapVector<std::pair<Value, Attribute>, SmallVector<LinearOp>> open;
      auto close = [&] {
        for (auto &[key, group] : open)
          if (group.size() > 1)
            groups.push_back(group);
        open.clear();
      };
      for (Operation &op : *block) {
        if (isa<AttentionOp>(op))
          close();
        if (auto linear = dyn_cast<LinearOp>(op); linear && isPlain(linear))
          open[{linear.getX(), storageKey(linear)}].push_back(linear);
      }
      close();
      for (auto &group : groups)
        merge(group);
    });
  }
};
} // namespace
} // namespace llmc::recognise
