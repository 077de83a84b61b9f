// SPDX-License-Identifier: Apache-2.0
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

/// Copies the new positions [batch, seq, heads, size] behind the past [batch, heads, past, size]: in place where the
/// past is a state, else into a fresh tensor.
static LogicalResult lowerKvAppend(Operation *op, EntryLowering &e) {
  auto append = cast<llm::KvAppendOp>(op);
  CodeBuilder &h = e.host();
  MemTensor update = e.get(append.getUpdate()), past = e.get(append.getPast());
  std::swap(update.dims[1], update.dims[2]), std::swap(update.strides[1], update.strides[2]), std::swap(update.shape[1], update.shape[2]);
  update.contiguous = false;
  MemTensor out;
  if (auto state = e.state(append.getPast())) {
    out = past;
    out.shape = llm::dimsOf(append.getResult());
    out.dims[2] = e.size(out.shape[2]);
    e.failIf(h.lt(state->capacity, out.dims[2]), LLMC_FAIL_CAPACITY, state->capacity, out.dims[2]);
    e.setView(append.getResult(), out, append.getPast());
  } else {
    out = e.result(append.getResult());
    MemTensor front = out;
    front.dims = past.dims, front.shape = past.shape, front.contiguous = false;
    e.copy(past, front);
  }
  Type stored = IntegerType::get(op->getContext(), std::max(8u, out.element.getIntOrFloatBitWidth()));
  if (!append.getLengths()) {
    MemTensor back = out;
    back.base = h.address(out.base, stored, h.mul(past.dims[2], out.strides[2]));
    back.dims = update.dims, back.shape = update.shape, back.contiguous = false;
    e.copy(update, back);
    return success();
  }
  // Rows of different lengths: each row's new positions end at its length.
  launchPlain(e, "kv_append", "", {{update}, {out, true}, {e.get(append.getLengths())}}, {}, 0, [&](PlainBody &p) {
    p.forElements(0, [&](Values at) {
      Value first = p.k.sub(p.k.convert(p.load(2, {at[0]}), p.k.i64()), p.dim(0, 2));
      Value position = p.checkedIndex(p.k.add(first, at[2]), p.dim(1, 2));
      p.store(p.load(0, at), 1, {at[0], at[1], position, at[3]});
    });
  });
  return success();
}

void addCacheLowerings(LoweringTable &table) { table["llm.kv_append"] = lowerKvAppend; }

} // namespace llmc
