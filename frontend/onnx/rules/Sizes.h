// SPDX-License-Identifier: Apache-2.0
// What rules of several families ask of sizes.
#pragma once

#include "frontend/onnx/Rule.h"

namespace llmc::onnx {

/// The size, which must be known.
int64_t fixedSize(Binder &, llm::Dim, const llvm::Twine &what);
/// Two sizes that have to agree: from here on they are one, or it fails.
void requireEqual(Binder &, llm::Dim x, llm::Dim y, const llvm::Twine &what);

} // namespace llmc::onnx
