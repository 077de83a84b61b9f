// SPDX-License-Identifier: Apache-2.0
#include "passes/Pipelines.h"

#include "mlir/Pass/PassRegistry.h"
#include "passes/fuse/Passes.h"
#include "passes/quantize/QuantizeWeights.h"
#include "passes/recognise/Passes.h"
#include "passes/simplify/Passes.h"

using namespace mlir;

namespace llmc::passes {

static constexpr llvm::StringRef kStages[] = {"simplify", "recognise",
                                              "quantize", "entries", "fuse"};
llvm::ArrayRef<llvm::StringRef> stages() { return kStages; }

static void buildStage(OpPassManager &pm, StringRef stage,
                       const PipelineOptions &options) {
  if (stage == "simplify") {
    // The exporters' noise goes first: recognition then sees one spelling of
    // constants, shapes and layouts.
    simplify::buildPipeline(pm);
  } else if (stage == "recognise") {
    // Named ops from primitive spellings: every exporter ends in the same IR.
    recognise::buildPipeline(pm);
    // What recognition left: transposes that meet, constants without use.
    simplify::buildPipeline(pm);
  } else if (stage == "quantize") {
    if (options.quantize.empty())
      return;
    // Before the entries, which then share one set of quantized weights. Both
    // halves of a gated MLP have weights of their own.
    pm.addPass(fuse::createSplitGatedMlps());
    // While weights are floats, and can take rotations and factors.
    pm.addPass(
        quantize::createRotateInputs(options.quantize, options.quantizeTools));
    pm.addPass(quantize::createBalanceChannels(options.quantize,
                                               options.quantizeTools));
    pm.addPass(quantize::createQuantizeWeights(options.quantize,
                                               options.quantizeTools));
  } else if (stage == "entries") {
    if (!options.entries)
      return;
    // Before fusion, which differs between the entries: one new token makes
    // transposes views, and only the last token's logits are computed.
    pm.addPass(recognise::createMakeEntries());
    if (options.layers)
      pm.addPass(recognise::createTraceLayers());
    simplify::buildPipeline(pm);
    if (!options.caches.empty())
      pm.addPass(quantize::createStoreCaches({options.caches}));
  } else {
    // Code generation has its halves, fused or not.
    pm.addPass(fuse::createSplitGatedMlps());
    if (options.roundProducts)
      pm.addPass(quantize::createRoundProducts());
    // Last, because fused ops are opaque to everything above.
    if (options.fuse)
      fuse::buildPipeline(pm);
  }
}

void buildPipeline(OpPassManager &pm, const PipelineOptions &options) {
  bool runs = options.from.empty();
  for (StringRef stage : stages()) {
    if (runs)
      buildStage(pm, stage, options);
    if (stage == options.until)
      return;
    runs |= stage == options.from;
  }
}

std::vector<std::string> textOf(OpPassManager &pm) {
  std::vector<std::string> all;
  for (Pass &pass : pm.getPasses()) {
    llvm::raw_string_ostream out(all.emplace_back());
    pass.printAsTextualPipeline(out);
  }
  return all;
}

void registerPasses() {
  simplify::registerLlmcSimplifyPasses();
  recognise::registerLlmcRecognisePasses();
  quantize::registerLlmcQuantizePasses();
  fuse::registerLlmcFusePasses();
  PassPipelineRegistration<>("llmc-simplify", "The simplify phase",
                             simplify::buildPipeline);
  PassPipelineRegistration<>("llmc-recognise", "The recognise phase",
                             recognise::buildPipeline);
  PassPipelineRegistration<>("llmc-fuse", "The fuse phase",
                             fuse::buildPipeline);
  PassPipelineRegistration<>("llmc", "The whole pipeline on the llm dialect",
                             [](OpPassManager &pm) { buildPipeline(pm, {}); });
}

} // namespace llmc::passes
