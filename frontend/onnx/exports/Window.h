// SPDX-License-Identifier: Apache-2.0
// Pads, strides and dilations of windows that slide over spatial axes, for the
// families whose ops have `before`, `after`, `strides` and `dilations`.
#pragma once

#include "frontend/onnx/GraphExporter.h"

namespace llmc::onnx {

/// Pads as ONNX's attributes have them; nothing where only the run tells them.
template <typename OpTy>
std::optional<std::vector<int64_t>> fixedPads(OpTy op) {
  std::vector<int64_t> pads;
  for (mlir::AffineMap side : {op.getBefore(), op.getAfter()})
    for (llm::Dim d : side.getResults()) {
      auto pad = llm::fixedDim(d);
      if (!pad)
        return std::nullopt;
      pads.push_back(*pad);
    }
  return pads;
}

/// x with its pads as elements, of zeros or the value.
template <typename OpTy>
GraphExporter::Name padded(OpTy op, GraphExporter::Name x, GraphExporter &e,
                           GraphExporter::Name value = {}) {
  llm::Dim zero = llm::constantDim(e.context(), 0);
  llm::Dims pads;
  for (mlir::AffineMap side : {op.getBefore(), op.getAfter()}) {
    pads.append(2, zero); // batch and channels
    llvm::append_range(pads, side.getResults());
  }
  GraphExporter::Names inputs = {std::move(x), e.shape(pads)};
  if (!value.empty())
    inputs.push_back(value);
  return e.node("Pad", inputs);
}

template <typename OpTy>
GraphExporter::Attributes windowAttributes(OpTy op, std::vector<int64_t> pads) {
  return {{"dilations", std::vector<int64_t>(op.getDilations())},
          {"pads", std::move(pads)},
          {"strides", std::vector<int64_t>(op.getStrides())}};
}

} // namespace llmc::onnx
