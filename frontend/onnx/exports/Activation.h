// SPDX-License-Identifier: Apache-2.0
// Activation functions as ONNX nodes, for the families whose ops apply one.
#pragma once

#include "frontend/onnx/GraphExporter.h"

namespace llmc::onnx {

GraphExporter::Name activated(GraphExporter &, llm::Activation,
                              GraphExporter::Name x, mlir::Type element);

} // namespace llmc::onnx
