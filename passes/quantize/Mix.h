// SPDX-License-Identifier: Apache-2.0
// Which type each of some products takes, so that all of them together meet a
// target: by what each costs the model's predictions, as measured by changing
// it alone, and by what each type's rounding errors are.
#pragma once

#include "passes/Evaluator.h"
#include "passes/WeightStore.h"
#include "passes/quantize/Spec.h"

namespace llmc::quantize {

/// A product's weights [K, N], not quantized yet.
using MixedProduct = llvm::SmallVector<llm::RecipeAttr, 2>;

struct Mix {
  std::vector<size_t> chosen; ///< an option for each product
  std::string summary;        ///< for the user, in a line
  std::string unmet;          ///< why the target is not met; else empty
};

/// A weight's cost is measured with the middle option, and taken to grow with
/// the squared errors of others; costs of several add up. Where the target is
/// not to be met, all products take the option of the fewest bits (of a loss:
/// of the most).
Mix mixTypes(mlir::ModuleOp module, llvm::ArrayRef<MixedProduct> products,
             llvm::ArrayRef<WeightType> options, const MixTarget &target,
             const passes::QuantizeTools &tools);

/// The weight as the type stores it, by its numbers alone.
llm::RecipeAttr storedAs(llm::RecipeAttr matrix, const WeightType &type);

} // namespace llmc::quantize
