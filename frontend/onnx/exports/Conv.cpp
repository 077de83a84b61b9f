// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/exports/Activation.h"

using namespace mlir;

namespace llmc::onnx {

/// The pads as Conv's attribute; where only the run tells them, a Pad in front.
static std::vector<int64_t> fixedPads(llm::ConvOp conv) {
  std::vector<int64_t> pads;
  for (AffineMap side : {conv.getBefore(), conv.getAfter()})
    for (llm::Dim d : side.getResults())
      if (auto pad = llm::fixedDim(d))
        pads.push_back(*pad);
  return pads.size() == 2 * conv.getStrides().size() ? pads
                                                     : std::vector<int64_t>();
}

static GraphExporter::Name padded(llm::ConvOp conv, GraphExporter &e) {
  llm::Dim zero = llm::constantDim(e.context(), 0);
  llm::Dims pads;
  for (AffineMap side : {conv.getBefore(), conv.getAfter()}) {
    pads.append(2, zero); // batch and channels
    llvm::append_range(pads, side.getResults());
  }
  return e.node("Pad", {e.name(conv.getX()), e.shape(pads)});
}

static void exportConv(Operation *op, GraphExporter &e) {
  auto conv = cast<llm::ConvOp>(op);
  std::vector<int64_t> pads = fixedPads(conv), strides(conv.getStrides()),
                       dilations(conv.getDilations());
  bool fixed = !pads.empty();
  GraphExporter::Names inputs = {fixed ? e.name(conv.getX()) : padded(conv, e),
                                 e.name(conv.getFilters())};
  if (!fixed)
    pads.assign(2 * strides.size(), 0);
  if (conv.getBias())
    inputs.push_back(e.name(conv.getBias()));
  auto y = e.node("Conv", inputs,
                  {{"dilations", dilations},
                   {"group", static_cast<int64_t>(conv.getGroup())},
                   {"pads", pads},
                   {"strides", strides}});
  e.set(conv.getResult(),
        activated(e, conv.getActivation(), y, llm::elementOf(conv.getX())));
}

void addConvExports(ExportTable &table) { table["llm.conv"] = exportConv; }

} // namespace llmc::onnx
