// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

/// Rows of different lengths: position t holds past[t] before the row's start,
/// update[t - start] from there on, zero behind.
static GraphExporter::Name appendRows(llm::KvAppendOp op, GraphExporter &e,
                                      GraphExporter::Name joined) {
  Type i64 = IntegerType::get(e.context(), 64);
  llm::Dims dims = llm::dimsOf(op.getResult());
  auto past = e.size(llm::dimOf(op.getPast().getType(), 2)),
       added = e.size(llm::dimOf(op.getUpdate().getType(), 1)),
       total = e.size(dims[2]);
  auto lengths = e.unsqueeze(e.cast(e.name(op.getLengths()), i64), {1});
  auto start = e.node("Max", {e.node("Sub", {lengths, added}), e.ints({0})});
  auto t = e.node("Range", {e.scalar(0), e.reshape(total, e.ints({})),
                            e.scalar(1)}); // [total]
  auto isOld = e.node("Less", {t, start}); // [batch, total]
  auto fresh = e.node("Add", {past, e.node("Sub", {t, start})});
  auto index = e.node("Where", {isOld, t, fresh});
  auto inside = e.node(
      "And",
      {e.node("Less", {t, e.node("Add", {start, added})}),
       e.node("Or", {e.node("Not", {isOld}), e.node("Less", {t, past})})});
  index = e.node("Where", {inside, index, e.ints({0})});
  auto picked = e.gatherRows(joined, index, 2, dims);
  Type element = llm::elementOf(op.getResult());
  return e.node("Where",
                {e.unsqueeze(inside, {1, 3}), picked, e.scalar(element, 0)});
}

static void exportKvAppend(Operation *op, GraphExporter &e) {
  auto append = cast<llm::KvAppendOp>(op);
  auto update = e.transpose(e.name(append.getUpdate()), {0, 2, 1, 3});
  auto joined = e.node("Concat", {e.name(append.getPast()), update},
                       {{"axis", int64_t(2)}});
  e.set(append.getResult(),
        append.getLengths() ? appendRows(append, e, joined) : joined);
}

void addCacheExports(ExportTable &table) {
  table["llm.kv_append"] = exportKvAppend;
}

} // namespace llmc::onnx
