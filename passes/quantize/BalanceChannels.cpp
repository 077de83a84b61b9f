// SPDX-License-Identifier: Apache-2.0
//
//   %n = llm.rms_norm %x, %g ; %y = llm.linear %n, %w
//   ->  %n = llm.rms_norm %x, %g / s ; %y = llm.linear %n, diag(s) %w
//
// and the same where the input is the product of two halves (llm.gated_linear),
// whose columns are divided. All readers of the input are products, which see
// factors in their weights alone: the function stays what it is, and quantizing
// it loses less.
#include "passes/quantize/QuantizeWeights.h"

#include "ir/llm/Shape.h"
#include "passes/Evaluator.h"
#include "passes/quantize/Balance.h"
#include "passes/quantize/Products.h"
#include "passes/quantize/Spec.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {
#define GEN_PASS_DEF_BALANCECHANNELS
#include "passes/quantize/Passes.h.inc"

namespace {
/// An input whose channels can have factors, and all that reads it.
struct Channels {
  Value input;
  SmallVector<Product> readers;
  WeightType type; ///< of the first of them
};

/// Operands of the op that makes a value, which have one element (or column)
/// for every channel of it; empty where it can't take factors.
SmallVector<OpOperand *> channelOperands(Value input) {
  Operation *maker = input.getDefiningOp();
  SmallVector<OpOperand *> operands;
  auto add = [&](MutableOperandRange range) {
    for (OpOperand &operand : range)
      operands.push_back(&operand);
  };
  if (auto norm = dyn_cast_or_null<RmsNormOp>(maker);
      norm && norm.getWeight() && !norm.getResidual())
    add(norm.getWeightMutable());
  if (auto norm = dyn_cast_or_null<LayerNormOp>(maker);
      norm && norm.getWeight())
    add(norm.getWeightMutable()), add(norm.getBiasMutable());
  if (auto half = dyn_cast_or_null<GatedLinearOp>(maker);
      half && !half.getRounding())
    operands.push_back(&half.getUpMutable()), add(half.getUpBiasMutable());
  int64_t k = fixedDim(dimsOf(input).back()).value_or(0);
  for (OpOperand *operand : operands) {
    RecipeAttr recipe = recipeOf(operand->get());
    if (!recipe || k == 0 || recipe.getType().getShape().back() != k ||
        isQuantized(recipe))
      return {};
  }
  return operands;
}

class Balancer {
public:
  Balancer(const QuantizeSpec &spec, const passes::QuantizeTools &tools)
      : spec(spec), tools(tools) {}

  void run(ModuleOp module) {
    std::vector<Channels> all = find(module);
    if (all.empty())
      return;
    SmallVector<Value> values;
    bool hessian = false;
    for (const Channels &c : all)
      values.push_back(c.input), hessian |= c.type.awq;
    std::vector<std::vector<float>> factors(all.size());
    tools.evaluator->begin(module);
    tools.evaluator->observe(
        module, values, {.hessian = hessian},
        [&](size_t i, const passes::InputStatistics &statistics) {
          factors[i] = factorsOf(all[i], statistics);
        });
    for (auto [channels, f] : llvm::zip(all, factors))
      apply(channels, f);
  }

private:
  std::vector<Channels> find(ModuleOp module) {
    llvm::MapVector<Value, Channels> inputs;
    for (const Product &product : productsOf(module)) {
      WeightType type =
          spec.typeOf(namesOf(product, tools.weights), product.isHead);
      auto [entry, isNew] = inputs.try_emplace(product.input());
      Channels &channels = entry->second;
      channels.input = product.input();
      if (isNew || !(channels.type.awq || channels.type.smooth))
        channels.type = type;
      channels.readers.push_back(product);
    }
    std::vector<Channels> out;
    for (auto &[input, channels] : inputs)
      if ((channels.type.awq || channels.type.smooth) && isObservable(input) &&
          !channelOperands(input).empty() && onlyProducts(channels))
        out.push_back(channels);
    return out;
  }

  /// Whether everything that reads the input is a product of floats that can
  /// take the factors.
  static bool onlyProducts(const Channels &channels) {
    size_t uses =
        std::distance(channels.input.use_begin(), channels.input.use_end());
    return uses == channels.readers.size() &&
           llvm::all_of(channels.readers, [](const Product &product) {
             return !hasRounding(product) &&
                    llvm::none_of(product.weights, [](OpOperand *weight) {
                      return isQuantized(recipeOf(weight->get()));
                    });
           });
  }

  std::vector<float> factorsOf(const Channels &channels,
                               const passes::InputStatistics &statistics) {
    std::vector<WeightMatrix> weights;
    for (const Product &product : channels.readers)
      for (OpOperand *weight : product.weights) {
        RecipeAttr recipe = recipeOf(weight->get());
        weights.push_back(
            {tools.weights->read(recipe), recipe.getType().getDimSize(1)});
      }
    if (channels.type.smooth)
      return smoothFactors(weights, statistics.largest);
    return awqFactors(weights, statistics.hessian, channels.type.format,
                      tools.jobs);
  }

  void apply(const Channels &channels, std::span<const float> factors) {
    MLIRContext *ctx = channels.input.getContext();
    auto k = static_cast<int64_t>(factors.size());
    RecipeAttr stored =
        tools.weights->spill(RankedTensorType::get({k}, Float32Type::get(ctx)),
                             std::as_bytes(factors), "factors of channels");
    // A reader's weight may be a maker's as well: each is read when it is due.
    for (OpOperand *operand : channelOperands(channels.input))
      setWeight(*operand,
                binaryRecipe("div", recipeOf(operand->get()), stored));
    RecipeAttr rows = reshapeRecipe(stored, {k, 1});
    for (const Product &product : channels.readers)
      for (OpOperand *weight : product.weights)
        setWeight(*weight, binaryRecipe("mul", recipeOf(weight->get()), rows));
  }

  const QuantizeSpec &spec;
  const passes::QuantizeTools &tools;
};

struct BalanceChannels : impl::BalanceChannelsBase<BalanceChannels> {
  using BalanceChannelsBase::BalanceChannelsBase;
  BalanceChannels(const std::string &spec, const passes::QuantizeTools &tools)
      : BalanceChannelsBase({spec}), tools(tools) {}

  void runOnOperation() override {
    auto parsed = specOf(getOperation(), spec);
    if (failed(parsed))
      return signalPassFailure();
    if (parsed->balances() && !(tools.evaluator && tools.weights)) {
      getOperation().emitError("awq and smooth need activations to calibrate "
                               "with");
      return signalPassFailure();
    }
    if (parsed->balances() &&
        !tools.run([&] { Balancer(*parsed, tools).run(getOperation()); }))
      signalPassFailure();
  }

  passes::QuantizeTools tools;
};
} // namespace

std::unique_ptr<Pass>
createBalanceChannels(const std::string &spec,
                      const passes::QuantizeTools &tools) {
  return std::make_unique<BalanceChannels>(spec, tools);
}
} // namespace llmc::quantize
