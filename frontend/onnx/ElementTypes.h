// SPDX-License-Identifier: Apache-2.0
// ONNX's element types as MLIR's, and stored tensors as attributes. Used by the
// importer and the rules. Pure functions.
#pragma once

#include "frontend/onnx/reader/Tensor.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

namespace llmc::onnx {

/// Null for types that have no tensors in the compiler: strings and complex
/// numbers.
mlir::Type mlirType(mlir::MLIRContext *, int32_t dataType);
/// The other way; 0 for a type that ONNX lacks.
int32_t dataTypeOf(mlir::Type);

/// Dense little-endian bytes in ONNX's packing as an attribute; bytes must be
/// as many as the type takes.
mlir::DenseElementsAttr denseElements(mlir::RankedTensorType type, Bytes bytes);

/// Integers, rounded floats or booleans, as many as the type has elements.
mlir::DenseElementsAttr denseInts(mlir::RankedTensorType type,
                                  llvm::ArrayRef<int64_t> values);
mlir::DenseElementsAttr denseFloats(mlir::RankedTensorType type,
                                    llvm::ArrayRef<double> values);
/// All elements the same.
mlir::DenseElementsAttr splatFloat(mlir::RankedTensorType type, double value);

} // namespace llmc::onnx
