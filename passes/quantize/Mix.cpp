// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Mix.h"

#include "passes/quantize/Assign.h"
#include "llvm/Support/FormatVariadic.h"

#include <numeric>

using namespace mlir;
using namespace llmc::llm;

namespace llmc::quantize {

RecipeAttr storedAs(RecipeAttr matrix, const WeightType &type) {
  MLIRContext *ctx = matrix.getContext();
  auto shorter = [&](Type element) {
    return matrix.getType().getElementType().isF32()
               ? castRecipe(matrix, element)
               : matrix;
  };
  switch (type.kind) {
  case WeightType::Float:
    return matrix;
  case WeightType::F16:
    return shorter(Float16Type::get(ctx));
  case WeightType::BF16:
    return shorter(BFloat16Type::get(ctx));
  case WeightType::Integer:
  case WeightType::Mixed:
    return quantizeRecipe(matrix, {}, type.format);
  }
  llvm_unreachable("a type of weights");
}

static uint64_t bitsOf(RecipeAttr matrix) {
  if (auto m = quantizedMatrix(matrix))
    return storedBits(*m);
  return matrix.getType().getNumElements() *
         matrix.getType().getElementTypeBitWidth();
}

static double squaredError(const std::vector<float> &a,
                           const std::vector<float> &b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += d * d;
  }
  return sum;
}

namespace {
class Mixer {
public:
  Mixer(ArrayRef<MixedProduct> products, ArrayRef<WeightType> options,
        const MixTarget &target, const passes::QuantizeTools &tools)
      : products(products), options(options), target(target), tools(tools),
        probe(options.size() / 2) {}

  Mix run(ModuleOp module) {
    weigh(module);
    return target.loss > 0 ? leastBits() : leastLoss();
  }

private:
  /// Fills `table`: what every option costs every product.
  void weigh(ModuleOp module) {
    std::vector<passes::WeightChange> changes;
    for (const MixedProduct &product : products)
      for (RecipeAttr weight : product)
        changes.push_back({weight, storedAs(weight, options[probe]), ""});
    std::vector<double> costs = tools.evaluator->costs(module, changes);
    size_t at = 0;
    for (const MixedProduct &product : products) {
      std::vector<TypeOption> &row = table.emplace_back(options.size());
      for (RecipeAttr weight : product)
        add(weight, costs[at++], row);
    }
  }

  void add(RecipeAttr weight, double cost, std::vector<TypeOption> &row) {
    std::vector<float> numbers = tools.weights->read(weight);
    elements += numbers.size();
    std::vector<double> errors;
    for (auto [option, entry] : llvm::zip(options, row)) {
      RecipeAttr stored = storedAs(weight, option);
      entry.bits += bitsOf(stored);
      errors.push_back(
          stored == weight
              ? 0
              : squaredError(numbers, tools.weights->read(stored)));
    }
    // Nothing was measured of a weight that the middle type has exactly: errors
    // of others count as they are.
    for (auto [error, entry] : llvm::zip(errors, row))
      entry.loss += errors[probe] > 0 ? cost * error / errors[probe] : error;
  }

  Mix leastLoss() {
    double most = target.bytes > 0
                      ? target.bytes * 8
                      : target.bits * static_cast<double>(elements);
    if (auto chosen = assignTypes(table, static_cast<uint64_t>(most)))
      return outcome(std::move(*chosen));
    Mix mix = outcome(std::vector<size_t>(products.size(), 0));
    mix.unmet = "the fewest that the types allow are: " + mix.summary;
    return mix;
  }

  /// The fewest bits whose expected loss is small enough, found by halving:
  /// more bits lose less but for what assignTypes() cannot use of them.
  Mix leastBits() {
    uint64_t enough = 0;
    for (const std::vector<TypeOption> &row : table)
      enough += row.back().bits;
    auto best = assignTypes(table, enough);
    if (!best || lossOf(*best) > target.loss) {
      Mix mix =
          outcome(std::vector<size_t>(products.size(), options.size() - 1));
      mix.unmet = "the least loss that the types allow is: " + mix.summary;
      return mix;
    }
    for (uint64_t few = 0; few + 1 < enough;) {
      uint64_t middle = few + (enough - few) / 2;
      auto chosen = assignTypes(table, middle);
      if (chosen && lossOf(*chosen) <= target.loss)
        enough = middle, best = std::move(chosen);
      else
        few = middle;
    }
    return outcome(std::move(*best));
  }

  double lossOf(ArrayRef<size_t> chosen) const {
    double loss = 0;
    for (auto [row, option] : llvm::zip(table, chosen))
      loss += row[option].loss;
    return loss;
  }

  Mix outcome(std::vector<size_t> chosen) const {
    std::vector<size_t> counts(options.size());
    uint64_t bits = 0;
    for (auto [row, option] : llvm::zip(table, chosen))
      bits += row[option].bits, ++counts[option];
    std::string list;
    for (auto [option, count] : llvm::enumerate(counts))
      if (count)
        list += llvm::formatv("{0}{1} of {2} bits", list.empty() ? "" : ", ",
                              count, options[option].width());
    std::string summary = llvm::formatv(
        "{0:F3} bits a number ({1} products: {2}), expected loss {3:e2}",
        static_cast<double>(bits) / static_cast<double>(elements),
        products.size(), list, lossOf(chosen));
    return {std::move(chosen), std::move(summary), ""};
  }

  ArrayRef<MixedProduct> products;
  ArrayRef<WeightType> options;
  const MixTarget &target;
  const passes::QuantizeTools &tools;
  size_t probe;
  std::vector<std::vector<TypeOption>> table; ///< of products, by option
  uint64_t elements = 0;
};
} // namespace

Mix mixTypes(ModuleOp module, ArrayRef<MixedProduct> products,
             ArrayRef<WeightType> options, const MixTarget &target,
             const passes::QuantizeTools &tools) {
  return Mixer(products, options, target, tools).run(module);
}

} // namespace llmc::quantize
