// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/PassList.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "tools/compiler/Compilation.h"
#include "tools/compiler/Quantization.h"

using namespace mlir;

namespace llmc::compiler {

/// What the parser's report says is wrong, in one line; the others point into
/// the text.
static std::string reasonOf(StringRef report) {
  SmallVector<StringRef> lines;
  report.split(lines, '\n');
  for (StringRef line : lines) {
    if (StringRef what = line.split("error: ").second; !what.empty())
      return what.str();
    if (line.starts_with("failed to add")) // a pass with these options
      return line.str();
  }
  return "not a list of passes";
}

static void parsePasses(StringRef text, OpPassManager &pm) {
  static const bool registered = [] {
    passes::registerPasses();
    registerTransformsPasses();
    return true;
  }();
  (void)registered;
  // Passes of a module inside of the module would never run.
  StringRef inner = text.trim();
  if (inner.consume_front("builtin.module(") && inner.consume_back(")"))
    text = inner;
  std::string report;
  llvm::raw_string_ostream stream(report);
  if (failed(parsePassPipeline(text, pm, stream)))
    throw CompileError{
        Error{.code = Code::BadInput, .what = "--passes: " + reasonOf(report)}};
}

passes::PipelineOptions pipelineOf(const Options &options,
                                   const passes::QuantizeTools &tools) {
  passes::PipelineOptions pipeline;
  pipeline.fuse = options.targets != std::vector<std::string>{"ref"};
  pipeline.caches = options.caches;
  pipeline.layers = options.layers;
  pipeline.roundProducts = options.math == "bf16";
  pipeline.quantize = joinedRules(options);
  pipeline.quantizeTools = tools;
  if (llvm::is_contained(passes::stages(), options.emit))
    pipeline.until = options.emit;
  return pipeline;
}

void addPasses(OpPassManager &pm, const Options &options,
               const passes::QuantizeTools &tools) {
  if (!options.passes.empty())
    return parsePasses(options.passes, pm);
  passes::buildPipeline(pm, pipelineOf(options, tools));
}

std::vector<std::string> passNames(const Options &options) {
  OpPassManager pm(ModuleOp::getOperationName());
  addPasses(pm, options);
  return passes::textOf(pm);
}

} // namespace llmc::compiler
