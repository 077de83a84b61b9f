// SPDX-License-Identifier: Apache-2.0
// What passes that work on weights ask of who runs them: the compiler's driver
// implements it over the mapped model. Not thread-safe; failures are the
// exceptions of who implements it (QuantizeTools::failure).
#pragma once

#include "ir/llm/Weights.h"
#include <exception>

namespace llmc::passes {

class Evaluator;

class WeightStore {
public:
  virtual ~WeightStore() = default;
  /// The name of the stored tensor that a "source" recipe reads.
  virtual std::string name(int64_t id) const = 0;
  /// The elements of a weight of floats, row-major.
  virtual std::vector<float> read(llm::RecipeAttr) const = 0;
  /// Keeps a tensor outside of memory (in ONNX's packing, as WeightSource says)
  /// and gives the recipe that reads it.
  virtual llm::RecipeAttr spill(mlir::RankedTensorType type,
                                std::span<const std::byte> bytes,
                                const std::string &name) = 0;
};

/// The weight [K, N] of a product that became another one.
struct WeightChange {
  llm::RecipeAttr before, after;
  std::string name; ///< of the product's node, else of a stored tensor
};

/// What the quantize phase did, summed over modules.
struct QuantizeReport {
  std::vector<WeightChange> changes;
  size_t tables = 0; ///< of embeddings that no product reads
  size_t kept = 0;   ///< weights that the model has quantized already
  /// Of products that share out types: what was expected of them, and what kept
  /// them from meeting their target; empty where there is nothing to say.
  std::string mix, unmet;
};

/// What the quantize phase works with; null where there is none. All of it
/// lives as long as the pass.
struct QuantizeTools {
  WeightStore *weights = nullptr;
  Evaluator *evaluator = nullptr;
  QuantizeReport *report = nullptr;
  unsigned jobs = 1; ///< threads; results don't depend on them
  /// Keeps an exception of the first two for who runs the passes, which end:
  /// MLIR, built without exceptions, would leave memory behind on its way.
  /// Null: there are none.
  std::exception_ptr *failure = nullptr;

  /// Whether `work` ended without an exception.
  bool run(llvm::function_ref<void()> work) const {
    if (!failure) {
      work();
      return true;
    }
    try {
      work();
    } catch (...) {
      *failure = std::current_exception();
    }
    return !*failure;
  }
};

} // namespace llmc::passes
