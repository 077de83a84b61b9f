// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

/// Numbers of the whole spectrum: behind the first half stand the conjugates of
/// what is not in it, backwards.
static Name wholeSpectrum(Name x, Value of, llm::Dim length, Type element,
                          GraphExporter &e) {
  llm::Dims dims = llm::dimsOf(of);
  auto axis = static_cast<int64_t>(dims.size()) - 2;
  llm::Dim half = llm::simplified(length.floorDiv(2) + 1),
           last = llm::simplified((length + 1).floorDiv(2) - 1);
  llm::Dims pads(2 * dims.size(), llm::constantDim(e.context(), 0));
  pads[dims.size() + axis] = llm::simplified(half - dims[axis]); // or a cut
  x = e.node("Pad", {x, e.shape(pads)});
  Name rest = e.node(
      "Slice", {x, e.size(last), e.ints({0}), e.ints({axis}), e.ints({-1})});
  auto pair = RankedTensorType::get({2}, Float32Type::get(e.context()));
  Name signs = e.initializer(DenseElementsAttr::get(pair, {1.0f, -1.0f}));
  signs = e.castTo(signs, pair.getElementType(), element);
  return e.node("Concat", {x, e.node("Mul", {rest, signs})}, {{"axis", axis}});
}

static void exportDft(Operation *op, GraphExporter &e) {
  auto dft = cast<llm::DftOp>(op);
  Type element = llm::elementOf(dft.getX()), compute = element;
  if (element.getIntOrFloatBitWidth() < 32)
    compute = Float32Type::get(e.context());
  llm::Dim length = dft.getLength().getResult(0);
  Name x = e.castTo(e.name(dft.getX()), element, compute);
  bool inverse = dft.getInverse(), realResult = inverse && dft.getOnesided();
  if (realResult)
    x = wholeSpectrum(x, dft.getX(), length, compute, e);
  Name y =
      e.node("DFT", {x, e.reshape(e.size(length), e.ints({})), e.scalar(-2)},
             {{"inverse", int64_t(inverse)},
              {"onesided", int64_t(dft.getOnesided() && !inverse)}});
  if (realResult)
    y = e.slice(y, llm::rankOf(dft.getX()) - 1, 0, 1);
  e.set(dft.getResult(), e.castTo(y, compute, element));
}

void addSignalExports(ExportTable &table) { table["llm.dft"] = exportDft; }

} // namespace llmc::onnx
