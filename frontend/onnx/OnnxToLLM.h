// SPDX-License-Identifier: Apache-2.0
// Maps a module of `onnx.node`s to the llm dialect, with the rules of
// rules/<Family>.cpp. Opsets, broadcasting forms and shape arithmetic end here:
// sizes become expressions over the module's symbols. Single-threaded.
#pragma once

#include "frontend/InputError.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace llmc::onnx {

/// Throws InputError: all nodes that are not supported at once (exit 3), or the
/// first that is broken (exit 2). The module is then half converted.
void convertOnnxToLLM(mlir::ModuleOp module);

/// The same as a pass, `--llmc-convert-onnx-to-llm`; errors become diagnostics.
std::unique_ptr<mlir::Pass> createConvertOnnxToLLMPass();

/// The operators that have a rule, as "domain:op", sorted; ai.onnx is "".
std::vector<std::string> supportedOperators();

} // namespace llmc::onnx
