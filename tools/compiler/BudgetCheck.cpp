// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/BudgetCheck.h"

#include "passes/Summary.h"
#include "passes/quantize/Products.h"
#include "runtime/core/Escape.h"

#include <fmt/format.h>
#include <numeric>

using namespace mlir;

namespace llmc::compiler {

BudgetCheck::BudgetCheck(const std::string &budget, ModelEvaluator &evaluator,
                         cli::Shell &shell, ModuleOp model)
    : evaluator(evaluator), shell(shell), original(model.clone()),
      budgets(valueOf(cli::parseBudgets(budget))) {
  evaluator.begin(model);
  check(cli::requireMeasured(budgets, evaluator.measures(),
                             /*hasBaseline=*/true));
}

void BudgetCheck::require(ModuleOp quantized,
                          ArrayRef<passes::WeightChange> changes) {
  auto measured = evaluator.compare(*original, quantized).measured();
  Status status = cli::checkBudgets(budgets, measured, shell);
  if (status)
    return;
  reportCostliest(quantized, changes);
  status.error().hint =
      "more bits for the costliest weights: --quantize 'int8@NAME'; or let "
      "--quantize mixed,kl=... choose";
  check(std::move(status));
}

void BudgetCheck::reportCostliest(ModuleOp quantized,
                                  ArrayRef<passes::WeightChange> changes) {
  OwningOpRef<ModuleOp> floats = quantized.clone();
  quantize::restoreWeights(*floats, changes);
  std::vector<double> costs = evaluator.costs(*floats, changes);
  std::vector<size_t> order(changes.size());
  std::iota(order.begin(), order.end(), size_t(0));
  llvm::stable_sort(order,
                    [&](size_t a, size_t b) { return costs[a] > costs[b]; });
  constexpr size_t most = 10;
  order.resize(std::min(order.size(), most));
  if (!shell.json)
    fmt::print("costliest weights: loss where one alone is quantized, bits a "
               "number, numbers, type, name\n");
  for (size_t i : order) {
    passes::WeightSummary weight = passes::weightSummary(changes[i].after);
    double bits =
        static_cast<double>(weight.bits) / static_cast<double>(weight.elements);
    shell.document["costliest"].push_back({{"name", changes[i].name},
                                           {"type", weight.type},
                                           {"bits", bits},
                                           {"elements", weight.elements},
                                           {"loss", costs[i]}});
    if (!shell.json)
      fmt::print("{:>11.3g} {:>6.3f} {:>11}  {:<32} {}\n", costs[i], bits,
                 weight.elements, weight.type, escapeText(changes[i].name));
  }
}

} // namespace llmc::compiler
