// SPDX-License-Identifier: Apache-2.0
// Quantization: what is stored in fewer bits than the model says.
#ifndef LLMC_PASSES_QUANTIZE
#define LLMC_PASSES_QUANTIZE

include "mlir/Pass/PassBase.td"

def StoreCaches : Pass<"llmc-quantize-store-caches", "::mlir::ModuleOp"> {
  let summary = "Caches that the runtime keeps, in another type of floats or as integers with scales";
  let options = [
    Option<"type", "type", "std::string", [{"f16"}], "f32, f16, bf16, int8 or int4">,
  ];
}

def RotateInputs : Pass<"llmc-quantize-rotate-inputs", "::mlir::ModuleOp"> {
  let summary = "What products of weights read, in a basis in which no channel is larger than others";
  let description = [{
    Fires: for rules that say rotate: where RMS norms of a residual stream are read by products alone, the stream is rotated, in the weights
    around it, and in each step only where it begins or ends in something else; other inputs are rotated in each step, where they are rounded.
    Stays: layer norms' streams; weights that are quantized already; a table of embeddings that is a product's weight as well, and that product.
    Numbers: those of the model but for the rounding of its weights.
  }];
  let options = [
    Option<"spec", "spec", "std::string", "", "as of llmc-quantize-quantize-weights">,
  ];
}

def BalanceChannels : Pass<"llmc-quantize-balance-channels", "::mlir::ModuleOp"> {
  let summary = "Factors of a product's input channels move into its weight, where that makes quantizing easier";
  let description = [{
    Fires: for products whose rule says awq or smooth, where their input is a norm with a weight or the first half of a gated MLP, and only products read it.
    Stays: other inputs; weights that are quantized already.
    Numbers: those of the model but for the rounding of its weights.
  }];
  let options = [
    Option<"spec", "spec", "std::string", "", "as of llmc-quantize-quantize-weights">,
  ];
}

def QuantizeWeights : Pass<"llmc-quantize-quantize-weights", "::mlir::ModuleOp"> {
  let summary = "Weights of products and tables of embeddings as integers with scales, or as halves";
  let description = [{
    Fires: the stored weight of a product, in f32, f16 or bf16, and a table of rows; gated MLPs have to be split.
    Stays: what the model has quantized already; what the rules leave as it is; weights of other ops; tables with rows of less than 16 numbers.
    Numbers: those of the weights that are left; activations are rounded where the rules say so.
  }];
  let options = [
    Option<"spec", "spec", "std::string", "", "what weights become: passes/quantize/Spec.h">,
  ];
}

def RoundProducts : Pass<"llmc-quantize-round-products", "::mlir::ModuleOp"> {
  let summary = "Products of weights, and of attention without caches, take elements rounded to bf16";
}

#endif
