// SPDX-License-Identifier: Apache-2.0
// Weights that are used in another way than whole.
#pragma once

#include "frontend/onnx/GraphExporter.h"

namespace llmc::onnx {

/// Rows of a stored quantized matrix, dequantized after they are gathered;
/// empty for other tables.
GraphExporter::Name quantizedRows(mlir::Value table,
                                  GraphExporter::Name indices, GraphExporter &);

} // namespace llmc::onnx
