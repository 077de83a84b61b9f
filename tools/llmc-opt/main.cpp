// SPDX-License-Identifier: Apache-2.0
// llmc-opt: any pass or phase of the compiler on textual IR, for tests and for
// looking into the compiler.
#include "ir/llm/Dialect.h"
#include "ir/onnx/Dialect.h"
#include "passes/Pipelines.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<llmc::llm::LlmDialect, llmc::onnx::OnnxDialect,
                  mlir::func::FuncDialect>();
  mlir::registerTransformsPasses();
  llmc::passes::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "llmc-opt: run compiler passes\n", registry));
}
