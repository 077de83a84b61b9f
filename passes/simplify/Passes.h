// SPDX-License-Identifier: Apache-2.0
// The passes of the simplify phase, for Pipelines.cpp and llmc-opt.
#pragma once

#include "ir/llm/Dialect.h"
#include "mlir/Pass/Pass.h"

namespace llmc::simplify {

#define GEN_PASS_DECL
#include "passes/simplify/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/simplify/Passes.h.inc"

/// The phase as one pipeline.
void buildPipeline(mlir::OpPassManager &);

} // namespace llmc::simplify
