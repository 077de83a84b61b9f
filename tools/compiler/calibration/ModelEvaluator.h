// SPDX-License-Identifier: Apache-2.0
// The passes' Evaluator: runs what is compiled of the module at hand. Throws
// CompileError and InputError. One thread at a time.
#pragma once

#include "passes/Evaluator.h"
#include "passes/Pipelines.h"
#include "runtime/session/Call.h"
#include "tools/compiler/CodeGeneration.h"
#include "tools/compiler/calibration/HeldTensors.h"
#include "tools/compiler/calibration/InputSums.h"
#include "tools/compiler/calibration/Samples.h"
#include "tools/llmc/Progress.h"
#include "llvm/ADT/MapVector.h"

namespace llmc::compiler {

/// What an evaluator works with; all of it outlives it.
struct EvaluatorSetup {
  const Package &package;
  const CalibrationOptions &calibration;
  const llm::WeightSource &weights;
  /// The phases behind quantization; `from` is not looked at.
  passes::PipelineOptions phases;
  cli::Progress &progress;
  unsigned jobs = 1;
};

class ModelEvaluator final : public passes::Evaluator {
public:
  explicit ModelEvaluator(const EvaluatorSetup &setup) : setup(setup) {}

  void begin(mlir::ModuleOp model) override;
  void observe(mlir::ModuleOp module, llvm::ArrayRef<mlir::Value> values,
               const passes::ObserveOptions &options, Sink sink) override;

  /// Tokens that the samples have; 0 where they are given as tensors.
  size_t tokens() const;

private:
  void describe(mlir::ModuleOp model);
  std::vector<Tokens> generateTexts(mlir::ModuleOp model);
  void runPhases(mlir::ModuleOp module, const std::string &until);
  std::vector<InputSums> run(mlir::func::FuncOp main,
                             llvm::ArrayRef<mlir::Value> known,
                             llvm::ArrayRef<mlir::Value> kept,
                             llvm::ArrayRef<mlir::Value> observed,
                             bool products);

  Call &sumsOf(mlir::MLIRContext *, int64_t size, bool products);
  std::unique_ptr<Call> callOf(mlir::OwningOpRef<mlir::ModuleOp> module);

  EvaluatorSetup setup;
  EntryInfo raw;
  std::vector<StateInfo> caches;
  bool isCausal = false;
  std::vector<Tokens> texts;
  std::vector<Sample> samples;
  llvm::MapVector<mlir::Value, HeldTensors>
      held; ///< of the observation at hand
  ObjectCache objects;
  std::map<std::pair<int64_t, bool>, std::unique_ptr<Call>> programs;
  size_t runs = 0, runsDone = 0; ///< the same
};

} // namespace llmc::compiler
