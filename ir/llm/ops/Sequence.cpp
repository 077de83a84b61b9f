// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

using Effects =
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

/// A symbol gets its value.
static void addBindEffects(AffineMap binds, Effects &effects) {
  if (binds.getNumResults())
    effects.emplace_back(MemoryEffects::Write::get());
}

void SequenceAtOp::getEffects(Effects &effects) {
  addBindEffects(getBinds(), effects);
}
void OptionalGetOp::getEffects(Effects &effects) {
  addBindEffects(getBinds(), effects);
}
