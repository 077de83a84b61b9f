// SPDX-License-Identifier: Apache-2.0
// Weights that are used in another way than whole.
#pragma once

#include "frontend/onnx/GraphExporter.h"

namespace llmc::onnx {

/// Rows of a stored quantized matrix, dequantized after they are gathered;
/// empty for other tables.
GraphExporter::Name quantizedRows(mlir::Value table,
                                  GraphExporter::Name indices, GraphExporter &);

/// x . weight for an x that is rounded to integers in the groups of the
/// weight's blocks: MatMulNBits multiplies those integers. Empty for other
/// operands.
GraphExporter::Name integerProduct(mlir::Value x, mlir::Value weight,
                                   GraphExporter &);

} // namespace llmc::onnx
