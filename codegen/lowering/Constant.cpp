// SPDX-License-Identifier: Apache-2.0
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

/// One kernel call stores all sizes.
static LogicalResult lowerDims(Operation *op, EntryLowering &e) {
  auto dims = cast<llm::DimsOp>(op);
  SmallVector<Value> values;
  for (llm::Dim d : dims.getValues().getResults())
    values.push_back(e.size(d));
  MemTensor out = e.result(dims.getResult());
  launchPlain(e, "dims", "", {{out, true}}, values, 0, 0, [&](PlainBody &b) {
    b.forTiles(0, 0, [&](Values) {
      for (unsigned i = 0; i < values.size(); ++i)
        b.k.store(b.k.convert(b.extra(i), computeType(b.element(0))),
                  b.pointer(0), Value(), i);
    });
  });
  return success();
}

static LogicalResult lowerBindDim(Operation *op, EntryLowering &e) {
  return op->emitError(
      "sizes that depend on data are not supported by the code generator yet");
}

void addConstantLowerings(LoweringTable &table) {
  auto nothing = [](Operation *, EntryLowering &) { return success(); };
  table["llm.constant"] = nothing; // read where they are used
  table["llm.weight"] = nothing;
  table["llm.dims"] = lowerDims;
  table["llm.bind_dim"] = lowerBindDim;
}

} // namespace llmc
