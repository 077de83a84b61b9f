// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/Track.h"

#include "tools/compiler/CompileError.h"
#include "tools/llmc/RawRun.h"

using namespace mlir;

namespace llmc::compiler {

static SmallVector<Value> keysOf(const llvm::MapVector<Value, HeldTensors> &m) {
  return llvm::to_vector(llvm::make_first_range(m));
}

void Track::enter(ArrayRef<Value> observed, ArrayRef<Value> later) {
  kept = valuesAlive(main, makerIn(main, observed.back()), later);
  for (Value v : kept)
    if (!held.contains(v))
      made[v];
  Stretch stretch = makeStretch(main, keysOf(held), keysOf(made), observed);
  arguments = std::move(stretch.arguments);
  call = make(std::move(stretch.module));
}

std::span<const LlmcTensor> Track::run(size_t sample) {
  std::vector<LlmcTensor> inputs;
  for (unsigned i : arguments)
    inputs.push_back(samples[sample].view(i));
  for (auto &[v, tensors] : held)
    inputs.push_back(tensors.of(sample));
  samples[sample].check(call->run(inputs));
  std::span<const LlmcTensor> outputs = call->outputs();
  for (auto [output, to] : llvm::zip(outputs, made))
    to.second.add(output);
  return outputs.subspan(made.size());
}

void Track::leave() {
  HeldValues after;
  for (Value v : kept)
    after[v] = std::move(held.contains(v) ? held[v] : made[v]);
  held = std::move(after);
  made.clear();
  call.reset();
}

} // namespace llmc::compiler
