// SPDX-License-Identifier: Apache-2.0
// Words for the conversion's messages.
#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Location.h"

#include <string>

namespace llmc::onnx {

/// `node 7 'name' (Add)`, escaped, as describeNode says it.
std::string describeSite(mlir::Location);
/// `tensor<2x?xf32>` as `f32[2,?]`.
std::string describe(mlir::RankedTensorType);

} // namespace llmc::onnx
