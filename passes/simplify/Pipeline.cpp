// SPDX-License-Identifier: Apache-2.0
#include "passes/simplify/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

void llmc::simplify::buildPipeline(mlir::OpPassManager &pm) {
  // Equal values first become one value: the fold patterns compare operands.
  pm.addPass(mlir::createCSEPass());
  pm.addPass(createFoldGraph());
  // A branch in place shows its sizes to what is behind it.
  pm.addPass(createFoldControl());
  pm.addPass(createUnifySizes());
  // One length with one name makes more shapes equal.
  pm.addPass(createFoldGraph());
  pm.addPass(mlir::createCSEPass());
}
