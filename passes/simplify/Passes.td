// SPDX-License-Identifier: Apache-2.0
// Simplification: less of the same, nothing new.
#ifndef LLMC_PASSES_SIMPLIFY
#define LLMC_PASSES_SIMPLIFY

include "mlir/Pass/PassBase.td"

def FoldGraph : Pass<"llmc-simplify-fold-graph", "::mlir::ModuleOp"> {
  let summary = "Fold constants and weights, remove what changes nothing";
  let description = [{
    Runs to a fixed point: small constants are computed, layout and elementwise ops on weights extend their recipes, casts, expands,
    transposes and reshapes that do nothing go, and so does dead code.
  }];
}

def FoldControl : Pass<"llmc-simplify-fold-control", "::mlir::ModuleOp"> {
  let summary = "Branches whose condition is known, and results of control flow that nothing uses";
  let description = [{
    An `llm.if` with a constant condition becomes its taken body. Results of `llm.if` and rows of `llm.loop` without uses go, and so do
    symbols that are bound for nothing.
  }];
}

def UnifySizes : Pass<"llmc-simplify-unify-sizes", "::mlir::ModuleOp"> {
  let summary = "Give the attention mask's length its name in terms of past and new tokens";
  let description = [{
    Exporters name the mask's length (`total_sequence_length`) beside those of the past and of the new tokens, though the model works only
    when it is their sum. With one expression for one length, masks and caches can be compared.
  }];
}

#endif
