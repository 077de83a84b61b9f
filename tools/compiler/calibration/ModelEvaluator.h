// SPDX-License-Identifier: Apache-2.0
// The passes' Evaluator: runs what is compiled of the module at hand. Throws
// CompileError and InputError. One thread at a time.
#pragma once

#include "passes/Evaluator.h"
#include "passes/Pipelines.h"
#include "runtime/session/Call.h"
#include "tools/compiler/CodeGeneration.h"
#include "tools/compiler/calibration/InputSums.h"
#include "tools/compiler/calibration/Samples.h"
#include "tools/llmc/Progress.h"

namespace llmc::compiler {

/// What an evaluator works with; all of it outlives it.
struct EvaluatorSetup {
  const Package &package;
  const CalibrationOptions &calibration;
  const llm::WeightSource &weights;
  /// The phases behind quantization; `from` and `until` are not looked at.
  passes::PipelineOptions phases;
  cli::Progress &progress;
  unsigned jobs = 1;
};

class ModelEvaluator final : public passes::Evaluator {
public:
  ModelEvaluator(mlir::MLIRContext &context, const EvaluatorSetup &setup)
      : context(context), setup(setup) {}

  void begin(mlir::ModuleOp model) override;
  void observe(mlir::ModuleOp module, llvm::ArrayRef<mlir::Value> values,
               const passes::ObserveOptions &options, Sink sink) override;

  /// Tokens that the samples have; 0 where they are given as tensors.
  size_t tokens() const;

private:
  void describe(mlir::ModuleOp model);
  std::vector<Tokens> generateTexts(mlir::ModuleOp model);
  SampleSource source() const { return {setup.package, raw, caches, isCausal}; }
  /// Those behind `from`, up to `until` where there is one.
  void runPhases(mlir::ModuleOp module, const char *from,
                 const char *until = "");
  /// One more sample of a value; `wanted` is what the original model has.
  void add(const LlmcTensor &rows, const LlmcTensor *wanted,
           const passes::ObserveOptions &options, InputSums &sums);
  static void requireFinite(const InputSums &sums, mlir::Value v);
  std::unique_ptr<Call> callOf(mlir::OwningOpRef<mlir::ModuleOp> module);

  mlir::MLIRContext &context;
  EvaluatorSetup setup;
  EntryInfo raw;
  std::vector<StateInfo> caches;
  bool isCausal = false;
  std::vector<Tokens> texts;
  std::vector<Sample> samples;
  ObjectCache objects;
  /// Of makeSums(), by size and what is summed.
  std::map<std::tuple<int64_t, bool, bool>, std::unique_ptr<Call>> programs;
};

} // namespace llmc::compiler
