// SPDX-License-Identifier: Apache-2.0
// From a module of the llm dialect back to an ONNX model that other tools run:
// one function, entries not made yet. Ops without a counterpart in opset 21 are
// written in primitives. Throws InputError; single-threaded.
#pragma once

#include "ir/llm/Weights.h"
#include "mlir/IR/BuiltinOps.h"

#include <functional>
#include <span>

namespace llmc::onnx {

/// Yields a weight's bytes, row-major, in pieces.
using WeightReader = std::function<void(
    llm::RecipeAttr, const std::function<void(std::span<const std::byte>)> &)>;

/// Writes the model to `path` and its weights to `path`.data beside it; neither
/// appears before both are whole. Ops that can't be written are all named in
/// one error (unsupported).
void exportModel(mlir::ModuleOp module, const WeightReader &weights,
                 const std::string &path);

} // namespace llmc::onnx
