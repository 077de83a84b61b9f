// SPDX-License-Identifier: Apache-2.0
// Axes that a node names, as numbers or as values that only the data gives:
// what the rules that have them as an input compute of them. Numbers fold to
// numbers.
#pragma once

#include "frontend/onnx/Rule.h"

namespace llmc::onnx {

/// In [0, rank): negative ones counted from the end; outside it fails, here or
/// at run time.
llm::Dims axesFrom(Binder &, size_t input, int64_t rank);
/// The same of a list of numbers.
llm::Dims axesFrom(Binder &, llvm::ArrayRef<int64_t> list, int64_t rank);
/// The axes of an op that took them as an attribute before `sinceInput`;
/// nothing where there are none.
std::optional<llm::Dims> axesOf(Binder &, int64_t sinceInput, int64_t rank);

/// Fails where an axis stands twice, as far as numbers tell.
void requireDistinct(Binder &, llvm::ArrayRef<llm::Dim> axes);

/// 1 where `axis` is one of the axes, else 0.
llm::Dim hasAxis(Binder &, llvm::ArrayRef<llm::Dim> axes, int64_t axis);
/// values[position]; outside of them `otherwise`.
llm::Dim pick(Binder &, llvm::ArrayRef<llm::Dim> values, llm::Dim position,
              llm::Dim otherwise);
/// The sizes without those where `removed` is 1: `count` of them, as many as
/// are left.
llm::Dims without(Binder &, llvm::ArrayRef<llm::Dim> dims,
                  llvm::ArrayRef<llm::Dim> removed, int64_t count);

} // namespace llmc::onnx
