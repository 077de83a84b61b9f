// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/Activation.h"

using namespace mlir;

namespace llmc {

Activation kernelActivation(llm::Activation a) {
  switch (a) {
  case llm::Activation::Relu:
    return Activation::Relu;
  case llm::Activation::GeluErf:
    return Activation::Gelu;
  case llm::Activation::GeluTanh:
    return Activation::GeluTanh;
  case llm::Activation::Silu:
    return Activation::Silu;
  case llm::Activation::Tanh:
    return Activation::Tanh;
  case llm::Activation::Sigmoid:
    return Activation::Sigmoid;
  default:
    return Activation::None;
  }
}

bool hasKernelForm(llm::Activation a) {
  return a != llm::Activation::QuickGelu;
}

Value activated(CodeBuilder &k, llm::Activation a, Value sum, double scale,
                double gain) {
  Value x = k.convert(sum, k.f32());
  if (a != llm::Activation::QuickGelu)
    return emitActivation(k, kernelActivation(a), x, scale, gain);
  // x * sigmoid(1.702 x), between the factors
  x = emitActivation(k, Activation::None, x, scale);
  x = k.mul(x, emitSigmoid(k, k.mul(x, k.cf(1.702))));
  return emitActivation(k, Activation::None, x, 1, gain);
}

} // namespace llmc
