// SPDX-License-Identifier: Apache-2.0
// Shared by the ops whose `binds` give symbols their values.
#pragma once

#include "ir/llm/ops/Infer.h"

namespace llmc::llm {

using Effects = llvm::SmallVectorImpl<
    mlir::SideEffects::EffectInstance<mlir::MemoryEffects::Effect>>;

/// Giving a symbol its value is an effect: nothing else shows that it is used.
inline void addBindEffects(mlir::AffineMap binds, Effects &effects) {
  if (binds.getNumResults())
    effects.emplace_back(mlir::MemoryEffects::Write::get());
}

} // namespace llmc::llm
