// SPDX-License-Identifier: Apache-2.0
// Recognition: primitive spellings become the dialect's named ops.
#ifndef LLMC_PASSES_RECOGNISE
#define LLMC_PASSES_RECOGNISE

include "mlir/Pass/PassBase.td"

def MatchNorms : Pass<"llmc-recognise-match-norms", "::mlir::ModuleOp"> {
  let summary = "RMS and layer normalization from their formulas";
}
def MatchActivations : Pass<"llmc-recognise-match-activations", "::mlir::ModuleOp"> {
  let summary = "SiLU and the GELU forms from their formulas";
}
def MatchEmbedding : Pass<"llmc-recognise-match-embedding", "::mlir::ModuleOp"> {
  let summary = "Gathers of rows of a weight";
}
def MatchIntegerProducts : Pass<"llmc-recognise-match-integer-products", "::mlir::ModuleOp"> {
  let summary = "Products of integers that stand for a product of rounded floats, and floats rounded to bytes";
}
def MatchLinear : Pass<"llmc-recognise-match-linear", "::mlir::ModuleOp"> {
  let summary = "Products with a stored matrix, with their bias";
}
def MatchRope : Pass<"llmc-recognise-match-rope", "::mlir::ModuleOp"> {
  let summary = "Rotary position embeddings from x * cos + rotated x * sin";
}
def MatchAttention : Pass<"llmc-recognise-match-attention", "::mlir::ModuleOp"> {
  let summary = "Attention from matmul, softmax, matmul; masks become predicates";
}
def MatchCache : Pass<"llmc-recognise-match-cache", "::mlir::ModuleOp"> {
  let summary = "Past keys and values with new ones behind them";
}
def MatchGatedMlp : Pass<"llmc-recognise-match-gated-mlp", "::mlir::ModuleOp"> {
  let summary = "Gated MLPs from three products";
  let description = [{
    Fires: act(x gate + bias) * (x up + bias), with or without the product behind it: both halves become one pass over x and one step.
    Stays: weights or inputs that differ in shape; a half that something else reads.
    Numbers: the same bits in f32, halves are rounded once; of integers, sums are exact.
  }];
}
def SortColumns : Pass<"llmc-recognise-sort-columns", "::mlir::ModuleOp"> {
  let summary = "Queries, keys and values that a product gives head by head become blocks of columns";
}
def MergeLinears : Pass<"llmc-recognise-merge-linears", "::mlir::ModuleOp"> {
  let summary = "Products of one input with several weights become one product";
  let description = [{
    Fires: products of one input with stored weights before one attention, such as queries, keys and values: one product, whose columns are theirs.
    Stays: another input or block; weights that are stored in another way; a computed weight or bias; a product with an epilogue.
    Numbers: the same bits, since a column's sum depends on K alone.
  }];
}
def MakeEntries : Pass<"llmc-recognise-make-entries", "::mlir::ModuleOp"> {
  let summary = "Entries whose caches are states that the runtime owns";
}
def TraceLayers : Pass<"llmc-recognise-trace-layers", "::mlir::ModuleOp"> {
  let summary = "An entry that gives what each layer leaves to the next one";
}

#endif
