// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/ElementTypes.h"
#include "frontend/onnx/GraphExporter.h"

#include <limits>

using namespace mlir;

namespace llmc::onnx {

static void exportReshape(Operation *op, GraphExporter &e) {
  e.set(op->getResult(0),
        e.reshape(e.name(op->getOperand(0)), e.shape(op->getResult(0))));
}

static void exportTranspose(Operation *op, GraphExporter &e) {
  ArrayRef<int64_t> perm = cast<llm::TransposeOp>(op).getPerm();
  e.set(op->getResult(0),
        e.transpose(e.name(op->getOperand(0)), {perm.begin(), perm.end()}));
}

static void exportExpand(Operation *op, GraphExporter &e) {
  e.set(op->getResult(0), e.node("Expand", {e.name(op->getOperand(0)),
                                            e.shape(op->getResult(0))}));
}

static void exportSlice(Operation *op, GraphExporter &e) {
  auto slice = cast<llm::SliceOp>(op);
  llm::Dims sizes = llm::dimsOf(slice.getResult());
  if (sizes.empty())
    return e.set(slice.getResult(), e.name(slice.getX()));
  ArrayRef<AffineExpr> starts = slice.getStarts().getResults();
  ArrayRef<int64_t> steps = slice.getSteps();
  llm::Dims ends;
  SmallVector<int64_t> axes;
  for (auto [i, size] : llvm::enumerate(sizes)) {
    ends.push_back(llm::simplified(starts[i] + size * steps[i]));
    axes.push_back(i);
  }
  auto end = e.shape(ends);
  // Backwards, the end in front of the first element would count from the end.
  if (llvm::any_of(steps, [](int64_t s) { return s < 0; }))
    end = e.node("Where", {e.node("Less", {end, e.ints({0})}),
                           e.ints({std::numeric_limits<int64_t>::min()}), end});
  e.set(slice.getResult(),
        e.node("Slice", {e.name(slice.getX()), e.shape(starts), end,
                         e.ints(axes), e.ints(steps)}));
}

static void exportConcat(Operation *op, GraphExporter &e) {
  GraphExporter::Names inputs;
  for (Value v : op->getOperands())
    inputs.push_back(e.name(v));
  auto axis = static_cast<int64_t>(cast<llm::ConcatOp>(op).getAxis());
  e.set(op->getResult(0), e.node("Concat", inputs, {{"axis", axis}}));
}

static void exportPad(Operation *op, GraphExporter &e) {
  auto pad = cast<llm::PadOp>(op);
  llm::Dims pads(pad.getBefore().getResults());
  llm::Dims from = llm::dimsOf(pad.getX()), to = llm::dimsOf(pad.getResult());
  for (size_t i = 0; i < to.size(); ++i)
    pads.push_back(llm::simplified(to[i] - from[i] - pads[i]));
  e.set(pad.getResult(),
        e.node("Pad",
               {e.name(pad.getX()), e.shape(pads), e.name(pad.getValue())},
               {{"mode", llm::stringifyPadMode(pad.getMode()).str()}}));
}

static void exportTrilu(Operation *op, GraphExporter &e) {
  auto trilu = cast<llm::TriluOp>(op);
  GraphExporter::Names inputs = {e.name(trilu.getX())};
  if (trilu.getK())
    inputs.push_back(e.name(trilu.getK()));
  e.set(trilu.getResult(),
        e.node("Trilu", inputs, {{"upper", int64_t(trilu.getUpper())}}));
}

static void exportBitcast(Operation *op, GraphExporter &e) {
  e.needOpset(26);
  Type element = llm::elementOf(op->getResult(0));
  e.set(op->getResult(0), e.node("BitCast", {e.name(op->getOperand(0))},
                                 {{"to", int64_t(dataTypeOf(element))}}));
}

void addLayoutExports(ExportTable &table) {
  table["llm.reshape"] = exportReshape;
  table["llm.bitcast"] = exportBitcast;
  table["llm.transpose"] = exportTranspose;
  table["llm.expand"] = exportExpand;
  table["llm.slice"] = exportSlice;
  table["llm.concat"] = exportConcat;
  table["llm.pad"] = exportPad;
  table["llm.trilu"] = exportTrilu;
}

} // namespace llmc::onnx
