// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

void SequenceAtOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (getBinds().getNumResults()) // a symbol gets its value
    effects.emplace_back(MemoryEffects::Write::get());
}
