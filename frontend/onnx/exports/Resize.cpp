// SPDX-License-Identifier: Apache-2.0
// Resampling, an axis at a time, and samples at the places of a grid.
#include "frontend/onnx/GraphExporter.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace llmc::onnx {

using Name = GraphExporter::Name;

namespace {
/// What Resize is told: scales or sizes.
struct Target {
  Name scales, sizes;
  bool isKnown() const { return !scales.empty() || !sizes.empty(); }
};
} // namespace

/// A size as a float, or null.
static llm::Dim sizeIn(Value v) {
  DenseElementsAttr value;
  if (matchPattern(v, m_Constant(&value))) {
    double size = value.getValues<APFloat>()[0].convertToDouble();
    auto whole = static_cast<int64_t>(size);
    return static_cast<double>(whole) == size
               ? llm::constantDim(v.getContext(), whole)
               : llm::Dim();
  }
  auto cast = v.getDefiningOp<llm::CastOp>();
  auto dims = cast ? cast.getX().getDefiningOp<llm::DimsOp>() : llm::DimsOp();
  return dims ? dims.getValues().getResult(0) : llm::Dim();
}

static bool isQuotient(Value scale, llm::Dim to, llm::Dim from) {
  if (auto div = scale.getDefiningOp<llm::DivOp>())
    return sizeIn(div.getX()) == to && sizeIn(div.getY()) == from;
  return llm::fixedDim(from) == 1 && sizeIn(scale) == to;
}

/// Resize makes the scale of the sizes, or the size of the scales; both must
/// come out as the op has them.
static Target targetOf(llm::ResampleOp op, GraphExporter &e) {
  auto axis = static_cast<int64_t>(op.getAxis());
  llm::Dim from = llm::dimOf(op.getX().getType(), axis),
           to = llm::dimOf(op.getResult().getType(), axis);
  auto x = llm::fixedDim(from), y = llm::fixedDim(to);
  Value scale = op.getScale();
  if (isQuotient(scale, to, from))
    return {"", e.size(to)};
  DenseElementsAttr value;
  if (matchPattern(scale, m_Constant(&value))) {
    double s = value.getValues<APFloat>()[0].convertToDouble();
    if (x && y && *x && s == static_cast<double>(*y) / *x)
      return {"", e.ints({*y})};
    auto f = static_cast<float>(s);
    auto vector = RankedTensorType::get({1}, Float32Type::get(e.context()));
    bool matches =
        x && y ? static_cast<int64_t>(static_cast<float>(*x) * f) == *y : true;
    if (f == s && matches)
      return {e.initializer(DenseElementsAttr::get(vector, f)), ""};
    return {};
  }
  auto cast = scale.getDefiningOp<llm::CastOp>();
  if (!cast || !llm::elementOf(cast.getX()).isF32())
    return {}; // one scale for several axes
  return {e.reshape(e.name(cast.getX()), e.ints({1})), ""};
}

static void exportResample(Operation *o, GraphExporter &e) {
  auto op = cast<llm::ResampleOp>(o);
  auto axis = static_cast<int64_t>(op.getAxis());
  Target target = targetOf(op, e);
  if (!target.isKnown())
    return e.refuse("no scale and no size alone give its result");
  llm::Dims dims = llm::dimsOf(op.getX()), result = llm::dimsOf(op.getResult());
  Type f32 = Float32Type::get(e.context());
  Name x = e.name(op.getX()), roi;
  // Tools mix neighbours of images: [1, outer, size, inner].
  bool mixes = op.getMode() != llm::Interpolation::Nearest;
  if (mixes) {
    auto product = [&](ArrayRef<llm::Dim> part) {
      return llm::productOf(e.context(), part);
    };
    ArrayRef<llm::Dim> all = dims;
    x = e.reshape(x, e.shape({llm::constantDim(e.context(), 1),
                              product(all.take_front(axis)), dims[axis],
                              product(all.drop_front(axis + 1))}));
  }
  if (op.getRoi())
    roi = e.cast(e.name(op.getRoi()), f32);
  GraphExporter::Attributes attributes = {
      {"axes", std::vector<int64_t>{mixes ? 2 : axis}},
      {"mode", llm::stringifyInterpolation(op.getMode()).str()},
      {"coordinate_transformation_mode",
       llm::stringifyCoordinates(op.getCoordinates()).str()},
      {"nearest_mode", llm::stringifyRounding(op.getRounding()).str()},
      {"cubic_coeff_a", static_cast<float>(op.getCubic().convertToDouble())},
      {"extrapolation_value",
       static_cast<float>(op.getExtrapolation().convertToDouble())},
      {"exclude_outside", int64_t(op.getExcludeOutside())},
      {"antialias", int64_t(op.getAntialias())}};
  GraphExporter::Names inputs = {x, roi, target.scales};
  if (!target.sizes.empty())
    inputs.push_back(target.sizes);
  Name y = e.node("Resize", inputs, attributes);
  e.set(op.getResult(), mixes ? e.reshape(y, e.shape(result)) : y);
}

static void exportGridSample(Operation *o, GraphExporter &e) {
  auto op = cast<llm::GridSampleOp>(o);
  if (llm::elementOf(op.getX()).isBF16())
    e.needOpset(22);
  e.set(op.getResult(),
        e.node(
            "GridSample", {e.name(op.getX()), e.name(op.getGrid())},
            {{"mode", llm::stringifyInterpolation(op.getMode()).str()},
             {"padding_mode", llm::stringifyGridPadding(op.getPadding()).str()},
             {"align_corners", int64_t(op.getAlignCorners())}}));
}

void addResizeExports(ExportTable &table) {
  table["llm.resample"] = exportResample;
  table["llm.grid_sample"] = exportGridSample;
}

} // namespace llmc::onnx
