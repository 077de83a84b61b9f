// SPDX-License-Identifier: Apache-2.0
// Types of sequences and optional values: from ONNX's declarations, and values
// brought to a type. Stateless.
#pragma once

#include "frontend/onnx/reader/Model.h"
#include "ir/llm/Dialect.h"
#include "mlir/IR/Builders.h"
#include "runtime/core/ValueKind.h"

namespace llmc::onnx {

/// Of a declared sequence of tensors, optional tensor or optional sequence of
/// tensors; null for all else and where the element type is not supported.
llm::SequenceType sequenceType(mlir::MLIRContext *, const TypeProto &);
/// The tensors' declared type in it; null where it holds none.
const TypeProto *itemType(const TypeProto &);

/// Whether ONNX packs several of these elements into a byte.
bool isPacked(mlir::Type element);

/// The kind as the runtime names it.
ValueKind valueKindOf(llm::SequenceKind);
/// Whether it is an optional value.
bool isOptional(mlir::Type);
/// The type of an optional value with elements of this type.
llm::SequenceType optionalType(mlir::Type);
/// A tensor or a sequence as the element of an optional value; what is optional
/// stays as it is.
mlir::Value asOptional(mlir::OpBuilder &, mlir::Location, mlir::Value);

} // namespace llmc::onnx
