// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/Quantization.h"

#include "passes/quantize/Spec.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <cstring>

namespace llmc::compiler {

std::string joinedRules(const Options &options) {
  return llvm::join(options.quantize, ";");
}

bool needsActivations(const Options &options) {
  if (options.quantize.empty())
    return false;
  auto spec = llvm::cantFail(quantize::parseQuantizeSpec(joinedRules(options)));
  return spec.observes() || spec.balances() || spec.mixes();
}

bool measuresBudget(const Options &options) {
  return !options.budget.empty() && options.emit != "simplify" &&
         options.emit != "recognise";
}

std::vector<float> ModelWeights::read(llm::RecipeAttr recipe) const {
  return readFloats(weights, recipe, jobs);
}

std::vector<float> readFloats(const llm::WeightSource &weights,
                              llm::RecipeAttr recipe, unsigned jobs) {
  RecipeEvaluator evaluator(weights, jobs);
  std::vector<float> out;
  out.reserve(recipe.getType().getNumElements());
  evaluator.stream(
      castRecipe(recipe, mlir::Float32Type::get(recipe.getContext())),
      [&](std::span<const std::byte> piece) {
        size_t at = out.size();
        out.resize(at + piece.size() / sizeof(float));
        std::memcpy(out.data() + at, piece.data(), piece.size());
      });
  for (float x : out)
    if (!std::isfinite(x))
      throw infiniteNumbers(recipe, evaluator);
  return out;
}

llm::RecipeAttr ModelWeights::spill(mlir::RankedTensorType type,
                                    std::span<const std::byte> bytes,
                                    const std::string &name) {
  if (!file)
    file = SpillFile::create();
  auto id = static_cast<int64_t>(weights.size());
  weights.add(SpillFile::add(file, type, bytes, name));
  return llm::sourceRecipe(type, id);
}

Error nothingQuantized(const passes::QuantizeReport &report) {
  Error error{.code = Code::BadInput,
              .what = "nothing to quantize: no rule changes a stored weight of "
                      "a product",
              .where = "--quantize"};
  if (report.kept)
    error.what = "nothing to quantize: the model's weights are quantized "
                 "already";
  return error;
}

} // namespace llmc::compiler
