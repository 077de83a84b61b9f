// SPDX-License-Identifier: Apache-2.0
// What the rules of MoE and QMoE share: who is chosen, and the op that they
// become (rules/Experts.cpp, QuantExperts.cpp).
#pragma once

#include "frontend/onnx/rules/Terms.h"

namespace llmc::onnx {

void addQuantExpertsRules(RuleTable &);

struct MixtureOfExperts {
  Binder &b;
  llm::Dim tokens, width; ///< rows and columns of the input as a matrix
  llm::Dim experts;
  int64_t count = 0, k = 0; ///< experts, and chosen ones of a token
  mlir::Value x, routing;   ///< [tokens, width], f32 [tokens, experts]

  /// Reads the input, k and the number of experts; the input's width is the
  /// size of an axis of the weights.
  MixtureOfExperts(Binder &b, size_t weights, size_t axis);

  /// Which experts have the `most` largest logits of their token, of equal ones
  /// the first or the last: booleans [tokens, experts].
  mlir::Value chosen(mlir::Value logits, int64_t most, bool lastOfEqual);
  /// Sets the routing of use_sparse_mixer; false where it is not asked for.
  bool readSparseMixer(mlir::Value logits);
  /// Input i as f32 [tokens, experts].
  mlir::Value perExpert(size_t i);
  /// The routing over the sum of its rows.
  void normalize();

  /// How fc1 holds the gate and the second factor.
  enum class Fusion { None, Interleaved, Concatenated };
  Fusion fusion = Fusion::None;
  llm::Activation activation = llm::Activation::None;
  double alpha = 1, beta = 0, limit = 0;
  /// Reads the activation's attributes; `separate`: there is an fc3.
  void readActivation(bool separate);

  /// Biases [experts, out]; null where absent.
  mlir::Value biasOf(size_t i, llm::Dim out);
  /// Half `half` of axis 1, as `fusion` says.
  mlir::Value halfOf(mlir::Value v, int64_t half);

  /// Weights are [in, experts * out].
  struct Layer {
    mlir::Value weight, bias;
  };
  /// Sets the result.
  void finish(Layer gate, Layer up, Layer down);
};

} // namespace llmc::onnx
