// SPDX-License-Identifier: Apache-2.0
#include "tools/compiler/calibration/Track.h"

#include "ir/llm/Shape.h"
#include "runtime/core/DType.h"
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
  // What is kept as f32 is not given twice.
  SmallVector<Value> others;
  places.clear();
  for (Value v : observed) {
    auto known = made.find(v);
    if (known != made.end() && llm::elementOf(v).isF32()) {
      places.push_back(known - made.begin());
      continue;
    }
    places.push_back(made.size() + others.size());
    others.push_back(v);
  }
  Stretch stretch = makeStretch(main, keysOf(held), keysOf(made), others);
  arguments = std::move(stretch.arguments);
  call = make(std::move(stretch.module));
}

/// A dense tensor as a matrix of its last dim.
static LlmcTensor asRows(LlmcTensor t) {
  int64_t size = t.dims[t.rank - 1], rows = *elementCount(t.dims, t.rank - 1);
  t.rank = 2, t.dims[0] = rows, t.dims[1] = size;
  return t;
}

std::vector<LlmcTensor> Track::run(size_t sample) {
  std::vector<LlmcTensor> inputs;
  for (unsigned i : arguments)
    inputs.push_back(samples[sample].view(i));
  for (auto &[v, tensors] : held)
    inputs.push_back(tensors.of(sample));
  samples[sample].check(call->run(inputs));
  std::span<const LlmcTensor> outputs = call->outputs();
  for (auto [output, to] : llvm::zip(outputs, made))
    to.second.add(output, &spare);
  std::vector<LlmcTensor> rows;
  for (size_t place : places)
    rows.push_back(asRows(outputs[place]));
  return rows;
}

void Track::leave() {
  HeldValues after;
  for (Value v : kept)
    after[v] = std::move(held.contains(v) ? held[v] : made[v]);
  for (auto &[v, tensors] : held)
    if (!after.contains(v))
      std::move(tensors).giveFile(spare);
  held = std::move(after);
  made.clear();
  call.reset();
}

} // namespace llmc::compiler
