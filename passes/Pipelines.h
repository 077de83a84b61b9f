// SPDX-License-Identifier: Apache-2.0
// The compiler's story on the llm dialect: which phases run, in which order,
// and why (Pipelines.cpp). Used by the compiler library and by llmc-opt. No
// state.
#pragma once

#include "mlir/Pass/PassManager.h"
#include "passes/WeightStore.h"

namespace llmc::passes {

/// Names where the pipeline can be looked at: the module as it is after that
/// phase.
llvm::ArrayRef<llvm::StringRef> stages();

struct PipelineOptions {
  /// Keep named ops but leave elementwise chains apart: what the reference
  /// target runs.
  bool fuse = true;
  /// What weights become (passes/quantize/Spec.h); empty: they stay.
  std::string quantize;
  QuantizeTools quantizeTools;
  /// Make the entries with caches that the runtime owns.
  bool entries = true;
  /// Make the entry that gives the layers' results.
  bool layers = false;
  /// The type of the caches that the runtime keeps (f32, f16, bf16, int8,
  /// int4); empty: the model's.
  std::string caches;
  /// Products of weights take bf16 in place of f32.
  bool roundProducts = false;
  /// Begin behind this stage, and stop after that one (of stages()); empty: at
  /// the start, and at the end.
  std::string from, until;
};

/// Adds the phases to `pm`, which works on the module.
void buildPipeline(mlir::OpPassManager &pm, const PipelineOptions &);

/// The passes of `pm` in order, each as a textual pipeline has it: joined by
/// commas they are the pipeline.
std::vector<std::string> textOf(mlir::OpPassManager &pm);

/// Registers every pass and the pipelines `llmc-simplify`, `llmc-recognise`,
/// `llmc-fuse` and `llmc` for textual pipelines (--passes, llmc-opt).
void registerPasses();

} // namespace llmc::passes
