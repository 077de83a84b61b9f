// SPDX-License-Identifier: Apache-2.0
// Products of rounded floats as products of integers. Used by the lowerings of
// linear and gated_linear.
#pragma once

#include "codegen/lowering/EntryLowering.h"

namespace llmc {

/// gain * act(scale * (x . weights[0] + biases[0]))
///   [* (x . weights[1] + biases[1])] + residual,
/// where x is rounded as a whole tensor. Absent values are null.
struct ExactProduct {
  mlir::Value x;
  llm::IntegerRoundingAttr rounding;
  llvm::SmallVector<mlir::Value, 2> weights, biases;
  mlir::Value residual, result;
  llm::Activation activation = llm::Activation::None;
  double scale = 1, gain = 1;
};
/// By exact sums of integers; false, and nothing done, where the weights are
/// not bytes with one scale per column.
bool lowerExactProduct(EntryLowering &, const ExactProduct &);

} // namespace llmc
