// SPDX-License-Identifier: Apache-2.0
// The passes' Evaluator: runs what is compiled of the module at hand. Throws
// CompileError and InputError. One thread at a time.
#pragma once

#include "passes/Evaluator.h"
#include "passes/Pipelines.h"
#include "runtime/session/Call.h"
#include "tools/compiler/CodeGeneration.h"
#include "tools/compiler/calibration/InputSums.h"
#include "tools/compiler/calibration/OutputComparison.h"
#include "tools/compiler/calibration/Samples.h"
#include "tools/compiler/calibration/WeightProbe.h"
#include "tools/llmc/Progress.h"

namespace llmc::compiler {

/// What an evaluator works with; all of it outlives it.
struct EvaluatorSetup {
  const Package &package;
  const CalibrationOptions &calibration;
  /// What compare() runs, as calibration.file; empty: the same.
  const std::string &measuredOn;
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

  std::vector<double>
  costs(mlir::ModuleOp module,
        llvm::ArrayRef<passes::WeightChange> changes) override;

  /// How far `changed` is from `original`, on all samples. Both are as the
  /// quantize phase has them, and `original` gives what begin() was told.
  OutputComparison compare(mlir::ModuleOp original, mlir::ModuleOp changed);
  /// The names of what compare() measures.
  std::vector<std::string> measures();

  /// Tokens that are calibrated with; 0 where samples are given as tensors.
  size_t tokens() const { return calibrated.tokens(); }

private:
  void describe(mlir::ModuleOp model);
  std::vector<Tokens> generateTexts(mlir::ModuleOp model);
  SampleSource source() const { return {setup.package, raw, caches, isCausal}; }
  void runPhases(mlir::ModuleOp module, const passes::PipelineOptions &);
  /// Those behind `from`, up to `until` where there is one.
  passes::PipelineOptions phases(const char *from,
                                 const char *until = "") const;
  /// What makeSums() makes.
  Call &sumsOf(int64_t size, const passes::ObserveOptions &options);
  static void requireFinite(const InputSums &sums, mlir::Value v);
  /// Samples of costs(), of bounded size.
  SampleSet fewSamples() const;
  SampleSet &evaluation() {
    return setup.measuredOn.empty() ? calibrated : measured;
  }
  /// A comparison without samples yet.
  OutputComparison comparison();
  /// The raw entry of a whole model; `isFinal`: with what --math asks for.
  Compiled wholeModel(mlir::ModuleOp module, bool isFinal);
  std::unique_ptr<Call> callOf(mlir::OwningOpRef<mlir::ModuleOp> module);

  mlir::MLIRContext &context;
  EvaluatorSetup setup;
  EntryInfo raw;
  std::vector<StateInfo> caches;
  bool isCausal = false;
  SampleSet calibrated, measured;
  ObjectCache objects;
  /// Of makeSums(), by size and what is summed.
  std::map<std::tuple<int64_t, bool, bool>, std::unique_ptr<Call>> programs;
};

} // namespace llmc::compiler
