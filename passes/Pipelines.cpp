// SPDX-License-Identifier: Apache-2.0
#include "passes/Pipelines.h"

#include "mlir/Pass/PassRegistry.h"
#include "passes/simplify/Passes.h"

using namespace mlir;

namespace llmc::passes {

static constexpr llvm::StringRef kStages[] = {"simplify"};
llvm::ArrayRef<llvm::StringRef> stages() { return kStages; }

void buildPipeline(OpPassManager &pm, const PipelineOptions &) {
  // The exporters' noise goes first: recognition then sees one spelling of
  // constants, shapes and layouts.
  simplify::buildPipeline(pm);
}

void registerPasses() {
  simplify::registerLlmcSimplifyPasses();
  PassPipelineRegistration<>("llmc-simplify", "The simplify phase",
                             simplify::buildPipeline);
  PassPipelineRegistration<>("llmc", "The whole pipeline on the llm dialect",
                             [](OpPassManager &pm) { buildPipeline(pm, {}); });
}

} // namespace llmc::passes
