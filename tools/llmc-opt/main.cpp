// SPDX-License-Identifier: Apache-2.0
// llmc-opt: any pass or phase of the compiler on textual IR or on an .onnx
// file, for tests and for looking into the compiler:
//   llmc-opt model.onnx                              the nodes as imported
//   llmc-opt model.onnx --llmc-convert-onnx-to-llm   the llm dialect
//   llmc-opt model.onnx --llmc-op-counts             how often each op occurs
//   llmc-opt --list-operators                        the ONNX operators that
//   have a rule
#include "frontend/onnx/Importer.h"
#include "frontend/onnx/OnnxToLLM.h"
#include "ir/llm/Dialect.h"
#include "passes/Pipelines.h"
#include "tools/llmc-opt/OpCounts.h"
#include "tools/llmc-opt/OpSummary.h"
#include "tools/llmc-opt/OperatorList.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace llmc;

/// The model as text, from which mlir-opt's machinery goes on; throws
/// InputError.
static std::unique_ptr<llvm::MemoryBuffer>
importAsText(const std::string &path) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  Remarks remarks;
  onnx::ImportedModel model = onnx::importModel(&context, path, remarks);
  for (const Remarks::Remark &r : remarks.all())
    llvm::errs() << (r.isWarning ? "warning: " : "note: ") << r.text << "\n";
  std::string text;
  llvm::raw_string_ostream out(text);
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo(true, false);
  model.module->print(out, flags);
  return llvm::MemoryBuffer::getMemBufferCopy(text, path);
}

static int run(const std::string &input, const std::string &output,
               mlir::DialectRegistry &registry) {
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> buffer =
      llvm::StringRef(input).ends_with(".onnx")
          ? importAsText(input)
          : mlir::openInputFile(input, &error);
  auto out = buffer ? mlir::openOutputFile(output, &error) : nullptr;
  if (!out) {
    llvm::errs() << "error: " << error << "\n";
    return 2;
  }
  auto config = mlir::MlirOptMainConfig::createFromCLOptions();
  if (failed(mlir::MlirOptMain(out->os(), std::move(buffer), registry, config)))
    return 1;
  out->keep();
  return 0;
}

static llvm::cl::opt<bool> listOperators(
    "list-operators",
    llvm::cl::desc("List the ONNX operators that have a rule, and exit"));

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  mlir::DialectRegistry registry;
  onnx::registerImportDialects(registry);
  mlir::registerTransformsPasses();
  passes::registerPasses();
  mlir::registerPass(onnx::createConvertOnnxToLLMPass);
  mlir::registerPass(createOpCountsPass);
  mlir::registerPass(createOpSummaryPass);
  auto [input, output] = mlir::registerAndParseCLIOptions(
      argc, argv, "llmc-opt: run compiler passes\n", registry);
  if (listOperators) {
    printOperatorList(llvm::outs());
    return 0;
  }
  try {
    return run(input, output, registry);
  } catch (const InputError &e) {
    llvm::errs() << "error: " << (e.file().empty() ? input : e.file()) << ": "
                 << e.what() << "\n";
    for (const NodeNote &n : e.nodes())
      llvm::errs() << "note: " << InputError::line(n.where, n.what) << "\n";
    return static_cast<int>(e.code());
  }
}
