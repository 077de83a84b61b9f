// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Effects.h"

using namespace mlir;
using namespace llmc::llm;

void SequenceAtOp::getEffects(Effects &effects) {
  addBindEffects(getBinds(), effects);
}
void OptionalGetOp::getEffects(Effects &effects) {
  addBindEffects(getBinds(), effects);
}
