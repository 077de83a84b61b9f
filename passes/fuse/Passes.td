// SPDX-License-Identifier: Apache-2.0
// Fusion: fewer passes over memory, in forms that have kernels.
#ifndef LLMC_PASSES_FUSE
#define LLMC_PASSES_FUSE

include "mlir/Pass/PassBase.td"

def SplitGatedMlps : Pass<"llmc-fuse-split-gated-mlps", "::mlir::ModuleOp"> {
  let summary = "Gated MLPs as their two kernels";
}
def FuseRopeNorms : Pass<"llmc-fuse-fuse-rope-norms", "::mlir::ModuleOp"> {
  let summary = "Norms of heads into the rotations behind them";
}
def MergeRopes : Pass<"llmc-fuse-merge-ropes", "::mlir::ModuleOp"> {
  let summary = "Rotations of queries and keys that stand behind each other become one";
}
def FuseEpilogues : Pass<"llmc-fuse-fuse-epilogues", "::mlir::ModuleOp"> {
  let summary = "Activations and residual sums into the products and norms before them";
}
def FuseRoundings : Pass<"llmc-fuse-fuse-roundings", "::mlir::ModuleOp"> {
  let summary = "Roundings to integers into the products behind them";
}
def FuseMaps : Pass<"llmc-fuse-fuse-maps", "::mlir::ModuleOp"> {
  let summary = "Chains of elementwise ops into one loop";
  let options = [
    Option<"maxOps", "max-ops", "int64_t", "32", "largest number of ops in one loop">,
    Option<"maxInputs", "max-inputs", "int64_t", "12", "largest number of tensors that one loop reads">,
  ];
}

#endif
