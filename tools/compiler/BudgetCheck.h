// SPDX-License-Identifier: Apache-2.0
// --budget: what quantization did to a model's outputs against limits, and
// where it comes from if they are not kept. Throws CompileError.
#pragma once

#include "tools/compiler/calibration/ModelEvaluator.h"

namespace llmc::compiler {

class BudgetCheck {
public:
  /// `original` is the model behind recognition, which is kept. Budgets of what
  /// cannot be measured here are an error.
  BudgetCheck(const std::string &budget, ModelEvaluator &, cli::Shell &,
              mlir::ModuleOp original);
  /// `quantized` is the same behind the quantize phase. A limit that is not
  /// kept is an error (mismatch), behind a table of the costliest products.
  void require(mlir::ModuleOp quantized,
               llvm::ArrayRef<passes::WeightChange> changes);

private:
  void reportCostliest(mlir::ModuleOp quantized,
                       llvm::ArrayRef<passes::WeightChange> changes);

  ModelEvaluator &evaluator;
  cli::Shell &shell;
  mlir::OwningOpRef<mlir::ModuleOp> original;
  std::vector<cli::Budget> budgets;
};

} // namespace llmc::compiler
