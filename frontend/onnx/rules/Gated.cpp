// SPDX-License-Identifier: Apache-2.0
// Activations with a gate.
#include "frontend/onnx/Rule.h"

using namespace mlir;

namespace llmc::onnx {

/// A * sigmoid(alpha * A) * B.
static void importSwiGlu(Binder &b) {
  Value x = b.in(0), gate;
  double alpha = b.floatAttr("alpha", 1.0);
  if (alpha == 1.0) {
    gate = b.make<llm::SiluOp>(x);
  } else {
    Value scaled = b.make<llm::MulOp>({x, b.scalarFloat(b.element(0), alpha)});
    gate = b.make<llm::MulOp>({x, b.make<llm::SigmoidOp>(scaled)});
  }
  if (b.rank(0) != b.rank(1))
    b.fail("needs inputs of one shape");
  b.set(0, b.make<llm::MulOp>({gate, b.in(1)}));
}

/// The first half of input + bias, times GELU of the second one.
static void importBiasSplitGelu(Binder &b) {
  Value x = b.make<llm::AddOp>({b.in(0), b.in(1)});
  int64_t axis = llm::rankOf(x) - 1;
  auto width = llm::fixedDim(llm::dimsOf(x)[axis]);
  if (!width || *width % 2)
    b.unsupported("an odd or symbolic width is not supported");
  llm::Dim half = b.constantDim(*width / 2);
  Value first = b.slice(x, axis, b.constantDim(0), half),
        second = b.slice(x, axis, half, half);
  b.set(0, b.make<llm::MulOp>({first, b.make<llm::GeluErfOp>(second)}));
}

void addGatedRules(RuleTable &rules) {
  rules.add({"SwiGLU"}, importSwiGlu);
  rules.add(kMicrosoft, {"BiasSplitGelu"}, importBiasSplitGelu);
}

} // namespace llmc::onnx
