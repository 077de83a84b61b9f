// SPDX-License-Identifier: Apache-2.0
// Decoders of two traces in one file: exporters merge the first step, which
// reads the encoder's states, and all later ones, which read caches, into the
// two branches of an `If` on the input use_cache_branch.
#pragma once

#include "mlir/IR/BuiltinOps.h"

namespace llmc::compiler {

/// Whether @main is such a decoder, of an encoder's states.
bool isMergedDecoder(mlir::ModuleOp);

/// Leaves one of the two: with caches, or the first step. Inputs that it does
/// not read go, and so do results that it does not compute. Fails where passes
/// do.
mlir::LogicalResult takeBranch(mlir::ModuleOp, bool withCaches);

} // namespace llmc::compiler
