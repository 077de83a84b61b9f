// SPDX-License-Identifier: Apache-2.0
// What --quantize needs around its pass: its rules, the model's weights as the
// pass asks for them, and what is said of the outcome.
#pragma once

#include "codegen/weights/Recipe.h"
#include "passes/WeightStore.h"
#include "tools/compiler/Options.h"
#include "tools/compiler/Spill.h"

namespace llmc::compiler {

/// The rules as one text (passes/quantize/Spec.h); empty: nothing to do.
std::string joinedRules(const Options &);

/// Whether a rule asks for activations.
bool needsActivations(const Options &);

/// Whether the outputs are measured against a budget.
bool measuresBudget(const Options &);

/// The elements of a weight of floats, row-major; numbers that are not finite
/// are an error that names the tensor.
std::vector<float> readFloats(const llm::WeightSource &, llm::RecipeAttr,
                              unsigned jobs);

/// The weights of a compilation, which live as long; computed ones become
/// sources of their own behind all others.
class ModelWeights final : public passes::WeightStore {
public:
  ModelWeights(JoinedWeights &weights, unsigned jobs)
      : weights(weights), jobs(jobs) {}
  std::string name(int64_t id) const override { return weights.name(id); }
  std::vector<float> read(llm::RecipeAttr) const override;
  llm::RecipeAttr spill(mlir::RankedTensorType type,
                        std::span<const std::byte> bytes,
                        const std::string &name) override;

private:
  JoinedWeights &weights;
  unsigned jobs;
  std::shared_ptr<SpillFile> file; ///< from the first tensor on
};

/// The error for a model that no rule changes a weight of.
Error nothingQuantized(const passes::QuantizeReport &);

} // namespace llmc::compiler
