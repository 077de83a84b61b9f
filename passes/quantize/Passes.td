// SPDX-License-Identifier: Apache-2.0
// Quantization: what is stored in fewer bits than the model says.
#ifndef LLMC_PASSES_QUANTIZE
#define LLMC_PASSES_QUANTIZE

include "mlir/Pass/PassBase.td"

def StoreCaches : Pass<"llmc-quantize-store-caches", "::mlir::ModuleOp"> {
  let summary = "Caches that the runtime keeps, in another type of floats";
  let options = [
    Option<"type", "type", "std::string", [{"f16"}], "f32, f16 or bf16">,
  ];
}

def RoundProducts : Pass<"llmc-quantize-round-products", "::mlir::ModuleOp"> {
  let summary = "Products of weights take elements rounded to bf16";
}

#endif
