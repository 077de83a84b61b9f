// SPDX-License-Identifier: Apache-2.0
#include "passes/fuse/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

void llmc::fuse::buildPipeline(mlir::OpPassManager &pm) {
  // First, so that the second half of an MLP takes its residual too.
  pm.addPass(createSplitGatedMlps());
  pm.addPass(createFuseRopeNorms());
  pm.addPass(createMergeRopes());
  // A product's epilogue costs nothing, a loop of its own costs a pass over
  // memory: products take what they can before loops are made.
  pm.addPass(createFuseEpilogues());
  // Of the sums that no product took.
  pm.addPass(createFuseAddNorms());
  pm.addPass(createFuseRoundings());
  pm.addPass(createFuseMaps());
  pm.addPass(mlir::createCSEPass());
}
