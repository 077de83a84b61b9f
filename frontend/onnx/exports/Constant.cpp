// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

static void exportConstant(Operation *op, GraphExporter &e) {
  auto value = cast<DenseElementsAttr>(cast<llm::ConstantOp>(op).getValue());
  e.set(op->getResult(0), e.initializer(value));
}

static void exportDims(Operation *op, GraphExporter &e) {
  auto dims = cast<llm::DimsOp>(op);
  auto x = e.shape(dims.getValues().getResults());
  if (llm::rankOf(dims.getResult()) != 1)
    x = e.reshape(x, e.shape(dims.getResult()));
  Type element = llm::elementOf(dims.getResult());
  e.set(dims.getResult(), element.isInteger(64) ? x : e.cast(x, element));
}

static void exportBindDim(Operation *op, GraphExporter &e) {
  auto bind = cast<llm::BindDimOp>(op);
  RankedTensorType type = bind.getValue().getType();
  int64_t count = type.getNumElements(),
          index = static_cast<int64_t>(bind.getIndex());
  auto line = e.castTo(e.name(bind.getValue()), type.getElementType(),
                       IntegerType::get(e.context(), 64));
  line = e.reshape(line, e.ints({count})); // says its size as well
  e.bindSymbol(bind.getSymbol(),
               count == 1 ? line : e.slice(line, 0, index, index + 1));
}

/// ONNX has no assertions: the ops behind fail by themselves, or do not.
static void exportCheckSizes(Operation *, GraphExporter &) {}

void addConstantExports(ExportTable &table) {
  table["llm.constant"] = exportConstant;
  table["llm.dims"] = exportDims;
  table["llm.bind_dim"] = exportBindDim;
  table["llm.check_sizes"] = exportCheckSizes;
}

} // namespace llmc::onnx
