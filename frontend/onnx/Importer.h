// SPDX-License-Identifier: Apache-2.0
// From a model file to a module of `onnx.node`s: one function @main, whose
// arguments and results carry the model's names as `llm.name`. No per-op code
// here; OnnxToLLM.h does that. Throws InputError; single-threaded.
#pragma once

#include "frontend/InputError.h"
#include "frontend/onnx/reader/Validate.h"
#include "ir/llm/Weights.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace llmc::onnx {

struct ImportedModel {
  /// Verified IR: func @main.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// What `source` recipes mean; keeps the files mapped.
  std::unique_ptr<llm::WeightSource> weights;
};

/// Opens, validates and imports. Loads the dialects it needs into the context.
/// remarks must outlive the result. Ids of weights count from `firstWeight`, so
/// that the models of one artifact have different ones.
ImportedModel importModel(mlir::MLIRContext *, const std::string &path,
                          Remarks &remarks, const ValidateOptions &options = {},
                          size_t firstWeight = 0);

/// importModel, and converts to the llm dialect.
ImportedModel importToLLM(mlir::MLIRContext *, const std::string &path,
                          Remarks &remarks, const ValidateOptions &options = {},
                          size_t firstWeight = 0);

/// The dialects that an imported module is made of.
void registerImportDialects(mlir::DialectRegistry &);

} // namespace llmc::onnx
