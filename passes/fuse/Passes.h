// SPDX-License-Identifier: Apache-2.0
// The passes of the fuse phase, for Pipelines.cpp and llmc-opt.
#pragma once

#include "ir/llm/Dialect.h"
#include "mlir/Pass/Pass.h"

namespace llmc::fuse {

#define GEN_PASS_DECL
#include "passes/fuse/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/fuse/Passes.h.inc"

/// The phase as one pipeline.
void buildPipeline(mlir::OpPassManager &);

} // namespace llmc::fuse
