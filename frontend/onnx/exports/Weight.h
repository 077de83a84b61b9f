// SPDX-License-Identifier: Apache-2.0
// Weights that are used in another way than whole.
#pragma once

#include "frontend/onnx/GraphExporter.h"

namespace llmc::onnx {

/// Rows of a stored quantized matrix, dequantized after they are gathered;
/// empty for other tables.
GraphExporter::Name quantizedRows(mlir::Value table,
                                  GraphExporter::Name indices, GraphExporter &);

/// x . weight for an x that is rounded to integers first, as a product of
/// integers: MatMulNBits where the groups are the weight's blocks,
/// MatMulInteger for a whole tensor. Empty for other operands.
GraphExporter::Name integerProduct(mlir::Value x,
                                   llm::IntegerRoundingAttr rounding,
                                   mlir::Value weight, GraphExporter &);

/// x rounded to integers and back.
GraphExporter::Name
roundedValue(mlir::Value x, llm::IntegerRoundingAttr rounding, GraphExporter &);

} // namespace llmc::onnx
