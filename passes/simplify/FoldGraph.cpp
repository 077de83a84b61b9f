// SPDX-License-Identifier: Apache-2.0
//
//   %c = llm.constant dense<2.0> : tensor<f32>         %w = llm.weight
//   <scale 2.0 of ...> %w = llm.weight ...                          -> %m =
//   llm.mul %w, %c
#include "passes/simplify/Passes.h"
#include "passes/simplify/Patterns.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace llmc::simplify {
#define GEN_PASS_DEF_FOLDGRAPH
#include "passes/simplify/Passes.h.inc"

namespace {
struct FoldGraph : impl::FoldGraphBase<FoldGraph> {
  void runOnOperation() override {
    mlir::RewritePatternSet patterns(&getContext());
    populateFoldConstants(patterns);
    populateFoldWeights(patterns);
    populateRemoveIdentities(patterns);
    populateMoveTransposes(patterns);
    mlir::GreedyRewriteConfig config;
    config.setMaxIterations(mlir::GreedyRewriteConfig::kNoLimit);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
} // namespace llmc::simplify
