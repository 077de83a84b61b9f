// SPDX-License-Identifier: Apache-2.0
// Weights that are used in another way than whole.
#pragma once

#include "frontend/onnx/GraphExporter.h"

namespace llmc::onnx {

/// Rows of a stored quantized matrix, dequantized after they are gathered;
/// empty for other tables.
GraphExporter::Name quantizedRows(mlir::Value table,
                                  GraphExporter::Name indices, GraphExporter &);

/// x . weight for a stored quantized weight as one product, of an x that is
/// rounded to integers first where there is a rounding: MatMulNBits where the
/// groups are the weight's blocks or x is not rounded, MatMulInteger for a
/// whole tensor. Empty for other operands.
GraphExporter::Name quantizedProduct(mlir::Value x,
                                     llm::IntegerRoundingAttr rounding,
                                     mlir::Value weight, GraphExporter &);

/// x rounded to integers and back.
GraphExporter::Name
roundedValue(mlir::Value x, llm::IntegerRoundingAttr rounding, GraphExporter &);

} // namespace llmc::onnx
