// SPDX-License-Identifier: Apache-2.0
// What rules of several families ask of sizes.
#pragma once

#include "frontend/onnx/Rule.h"

namespace llmc::onnx {

/// The size, which must be known.
int64_t fixedSize(Binder &, llm::Dim, const llvm::Twine &what);
/// Two sizes that have to agree: from here on they are one, or it fails, here
/// or at run time.
void requireEqual(Binder &, llm::Dim x, llm::Dim y, const llvm::Twine &what);
/// Input i with an axis that has to have this size; ops whose form depends on
/// it see it in the type.
mlir::Value sized(Binder &, size_t i, int64_t axis, llm::Dim size,
                  const llvm::Twine &what);
/// A size as a scalar of floats.
mlir::Value sizeAsFloat(Binder &, llm::Dim, mlir::Type element);
/// Element i of a list as a scalar.
mlir::Value elementAt(Binder &, mlir::Value list, int64_t i);

} // namespace llmc::onnx
