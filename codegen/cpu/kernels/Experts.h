// SPDX-License-Identifier: Apache-2.0
// One layer of a mixture of experts, token by token, on packed weights that
// hold all experts beside each other:
//   inner: H[token, slot] = act(A[token] * Wgate + bias) (* (A * Wup + biasUp)
//          + beta)) for the slot-th expert that the routing chose, or
//   down:  C[token] = sum over slots of weight * (H[token, slot] * W + bias).
// Weights are as those of the matmul kernels (Matmul.h), an expert's columns
// being whole panels, and an element's sum is theirs. A tile is a group of an
// expert's panels for one token; all tokens of a group follow each other, so
// that they share the panels in the cache.
#ifndef LLMC_CODEGEN_CPU_KERNELS_EXPERTS_H
#define LLMC_CODEGEN_CPU_KERNELS_EXPERTS_H

#include "codegen/cpu/Math.h"
#include "codegen/cpu/kernels/Quant.h"

namespace llmc {

struct ExpertsSpec {
  int64_t experts = 0, slots = 0; ///< and experts of a token at most
  int64_t k = 0, n = 0;           ///< of one expert; n is a multiple of 16
  bool down = false;
  bool bias = false;
  QuantizedFormat weight, up;
  // The inner layer's:
  bool gated = false;
  bool upBias = false;
  Activation activation = Activation::None;
  double alpha = 1, beta = 0, limit = 0; ///< see llm.experts

  std::string key() const;
};

/// The kernel's words; those of parts that the spec lacks are ignored.
enum ExpertsArg : unsigned {
  ExpertsA,       ///< inner: f32 [tokens, k]; down: [tokens, slots, k]
  ExpertsRouting, ///< f32 [tokens, experts]
  ExpertsW,       ///< packed weight; the gate's in the gated form
  ExpertsScales,
  ExpertsZeros,
  ExpertsUp,
  ExpertsUpScales,
  ExpertsUpZeros,
  ExpertsBias,   ///< f32 [experts, n]
  ExpertsBiasUp, ///< f32 [experts, n]
  ExpertsC,      ///< inner: f32 [tokens, slots, n]; down: [tokens, n]
  ExpertsTokens,
  ExpertsArgCount
};

/// Tiles of that many tokens.
mlir::Value expertsTiles(CodeBuilder &, const ExpertsSpec &,
                         mlir::Value tokens);
/// The kernel's symbol.
std::string emitExperts(KernelModule &kernels, const ExpertsSpec &spec);

} // namespace llmc

#endif
