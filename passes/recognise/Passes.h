// SPDX-License-Identifier: Apache-2.0
// The passes of the recognise phase, for Pipelines.cpp and llmc-opt.
#pragma once

#include "ir/llm/Dialect.h"
#include "mlir/Pass/Pass.h"

namespace llmc::recognise {

#define GEN_PASS_DECL
#include "passes/recognise/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/recognise/Passes.h.inc"

/// The phase as one pipeline (without MakeEntries, which ends the recognition
/// of a whole model).
void buildPipeline(mlir::OpPassManager &);

} // namespace llmc::recognise
