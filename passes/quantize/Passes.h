// SPDX-License-Identifier: Apache-2.0
// The passes of the quantize phase, for Pipelines.cpp and llmc-opt.
#pragma once

#include "ir/llm/Dialect.h"
#include "mlir/Pass/Pass.h"

namespace llmc::quantize {

#define GEN_PASS_DECL
#include "passes/quantize/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/quantize/Passes.h.inc"

} // namespace llmc::quantize
