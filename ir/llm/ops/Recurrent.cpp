// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/ops/Infer.h"

using namespace mlir;
using namespace llmc::llm;

LogicalResult RecurrentOp::verify() {
  size_t functions = getKind() == RecurrentKind::Rnn   ? 1
                     : getKind() == RecurrentKind::Gru ? 2
                                                       : 3;
  if (getActivations().size() != functions || getAlpha().size() != functions ||
      getBeta().size() != functions) // C1
    return emitOpError("needs ") << functions << " activations";
  bool isLstm = getKind() == RecurrentKind::Lstm;
  if (bool(getInitialC()) != isLstm || bool(getLastC()) != isLstm ||
      (getPeepholes() && !isLstm)) // C2
    return emitOpError("has cells where it is an lstm, and nowhere else");
  if (rankOf(getGates()) != 3 || rankOf(getWeights()) != 2 ||
      rankOf(getInitialH()) != 2) // C3
    return emitOpError("of operands of unexpected rank");
  return success();
}
