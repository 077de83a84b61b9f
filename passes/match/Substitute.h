// SPDX-License-Identifier: Apache-2.0
// Replacing a symbolic size by an expression everywhere in an op: in types,
// size attributes and function signatures. Used by UnifySizes and MakeEntries.
#pragma once

#include "ir/llm/Shape.h"

namespace llmc::match {

/// Replaces the symbols (by number) in `root` and all that it holds. Derived
/// symbols of the module (min, max, broadcast) whose operands change become
/// derived anew, or fold where their operands become equal.
void substituteSymbols(mlir::Operation *root, mlir::ModuleOp module,
                       const llvm::DenseMap<unsigned, llm::Dim> &symbols);

} // namespace llmc::match
