// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/GraphExporter.h"

using namespace mlir;

namespace llmc::onnx {

static void exportRoiAlign(Operation *op, GraphExporter &e) {
  auto roi = cast<llm::RoiAlignOp>(op);
  Type element = llm::elementOf(roi.getX()),
       index = IntegerType::get(e.context(), 64);
  llm::Dims out = llm::dimsOf(roi.getResult());
  auto height = llm::fixedDim(out[2]), width = llm::fixedDim(out[3]);
  if (element.isBF16())
    e.needOpset(22);
  auto images =
      e.castTo(e.name(roi.getImages()), llm::elementOf(roi.getImages()), index);
  auto boxes =
      e.castTo(e.name(roi.getBoxes()), llm::elementOf(roi.getBoxes()), element);
  e.set(roi.getResult(),
        e.node("RoiAlign", {e.name(roi.getX()), boxes, images},
               {{"mode", std::string(roi.getMaximum() ? "max" : "avg")},
                {"output_height", *height},
                {"output_width", *width},
                {"sampling_ratio", static_cast<int64_t>(roi.getSamples())},
                {"spatial_scale",
                 static_cast<float>(roi.getScale().convertToDouble())},
                {"coordinate_transformation_mode",
                 std::string(roi.getHalfPixel() ? "half_pixel"
                                                : "output_half_pixel")}}));
}

/// ONNX's rows end with the last choice; what reads ours stops there.
static void exportNonMaxSuppression(Operation *op, GraphExporter &e) {
  auto nms = cast<llm::NonMaxSuppressionOp>(op);
  Type f32 = Float32Type::get(e.context());
  auto floats = [&](Value v) {
    return e.castTo(e.name(v), llm::elementOf(v), f32);
  };
  GraphExporter::Names inputs = {floats(nms.getBoxes()),
                                 floats(nms.getScores()),
                                 e.unsqueeze(e.name(nms.getLimit()), {0}),
                                 e.unsqueeze(floats(nms.getOverlap()), {0})};
  if (nms.getThreshold())
    inputs.push_back(e.unsqueeze(floats(nms.getThreshold()), {0}));
  auto rows = e.node("NonMaxSuppression", inputs,
                     {{"center_point_box", int64_t(nms.getCentered())}});
  e.set(nms.getChosen(), rows);
  auto count =
      e.node("Shape", {rows}, {{"start", int64_t(0)}, {"end", int64_t(1)}});
  e.set(nms.getCount(), e.reshape(count, e.ints({})));
}

void addDetectionExports(ExportTable &table) {
  table["llm.roi_align"] = exportRoiAlign;
  table["llm.non_max_suppression"] = exportNonMaxSuppression;
}

} // namespace llmc::onnx
