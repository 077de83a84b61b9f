// SPDX-License-Identifier: Apache-2.0
// Which passes a compilation runs: the built-in pipeline as the options have
// it, or what --passes names. No state.
#pragma once

#include "mlir/Pass/PassManager.h"
#include "passes/Pipelines.h"
#include "tools/compiler/Options.h"

namespace llmc::compiler {

/// The built-in phases as the options ask for them.
passes::PipelineOptions pipelineOf(const Options &,
                                   const passes::QuantizeTools &);
/// The built-in phases as the options have them.
passes::PipelineOptions pipelineOf(const Options &,
                                   const passes::QuantizeTools &tools);
/// Adds them to `pm`, which works on a module; throws CompileError (bad input)
/// where --passes is none.
void addPasses(mlir::OpPassManager &pm, const Options &,
               const passes::QuantizeTools &tools = {});

/// Their names with {options}, in order.
std::vector<std::string> passNames(const Options &);

} // namespace llmc::compiler
