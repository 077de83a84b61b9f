// SPDX-License-Identifier: Apache-2.0
#include "passes/recognise/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

void llmc::recognise::buildPipeline(mlir::OpPassManager &pm) {
  pm.addPass(createMatchEmbedding());
  // Before the scales become part of other formulas.
  pm.addPass(createMatchIntegerProducts());
  // Norms and activations are local: their ops are used by nothing else.
  pm.addPass(createMatchNorms());
  pm.addPass(createMatchActivations());
  // Before attention and products with weights: rotary embeddings stand between
  // those, and their table of angles is a product with a stored vector.
  pm.addPass(createMatchRope());
  // Before the cache, which hides that k and v are the past and new parts.
  pm.addPass(createMatchAttention());
  pm.addPass(createMatchCache());
  pm.addPass(createMatchLinear());
  // Before products of one input are merged: gate and up get a kernel of their
  // own.
  pm.addPass(createMatchGatedMlp());
  pm.addPass(createSortColumns());
  pm.addPass(createMergeLinears());
}
