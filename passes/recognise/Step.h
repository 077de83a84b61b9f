// SPDX-License-Identifier: Apache-2.0
// Makes the entry `step` of MakeEntries: new tokens of several sequences (the
// segments) in one call, [1, tokens], behind each other. What works token by
// token runs over all of them at once, so that weights are read once; caches
// and attention take each segment by itself, with a past of its own.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace llmc::recognise {

/// `f` is a clone of the program with its states marked. In it
/// - the batch is 1, and the input `attention_mask`, which is all ones, goes;
/// - positions are an input, also where the program counts them itself;
/// - `segments` [segments] (role "segments") says how many tokens each has;
/// - `rows` [rows] (role "rows") says which tokens' logits are returned, [1,
///   rows, vocabulary].
/// The type of a cache, and what attention reads, is that of one segment: its
/// symbols for the past and the new tokens have a value for each.
/// Failure: `why` says what depends on other tokens or on the past in a way
/// that segments cannot share; f is to be erased.
mlir::LogicalResult makeStep(mlir::func::FuncOp f, mlir::ModuleOp module,
                             std::string &why);

} // namespace llmc::recognise
