// SPDX-License-Identifier: Apache-2.0
// The pattern groups of FoldGraph, one file each.
#pragma once

#include "mlir/IR/PatternMatch.h"

namespace llmc::simplify {

/// Small constants: elementwise ops, layout ops and gathers of constants.
void populateFoldConstants(mlir::RewritePatternSet &);
/// Weights: ops that a recipe can do when the artifact is written.
void populateFoldWeights(mlir::RewritePatternSet &);
/// Ops that change nothing, or that another op makes unnecessary.
void populateRemoveIdentities(mlir::RewritePatternSet &);
/// Transposes move behind slices and norms.
void populateMoveTransposes(mlir::RewritePatternSet &);

} // namespace llmc::simplify
