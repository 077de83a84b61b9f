// SPDX-License-Identifier: Apache-2.0
// Activations that are rounded to integers of 8 bits before a product.
#pragma once

#include "codegen/lowering/EntryLowering.h"

namespace llmc {

/// What llm.dynamic_quantize gives, or a known scale does: uint8 [x's dims],
/// and scalars f32 and uint8.
struct Quantized {
  MemTensor q, scale, zero;
};
/// x rounded as a whole tensor, in memory of the op at hand.
Quantized quantizedTensor(EntryLowering &, mlir::Value x,
                          llm::IntegerRoundingAttr);

/// x's rows, rounded and back where there is a rounding: in memory of the op at
/// hand then.
MemTensor rounded(EntryLowering &, mlir::Value x, llm::IntegerRoundingAttr);

} // namespace llmc
