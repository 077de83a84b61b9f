// SPDX-License-Identifier: Apache-2.0
// Regions and boxes.
#include "frontend/onnx/rules/Sizes.h"
#include "frontend/onnx/rules/SlidingWindow.h"

using namespace mlir;

namespace llmc::onnx {

static int64_t positiveSize(Binder &b, StringRef name) {
  int64_t v = b.intAttr(name, 1);
  if (v < 1 || v > kMaxWindow)
    b.fail("attribute " + name + " has the value " + Twine(v));
  return v;
}

static void importRoiAlign(Binder &b) {
  if (b.rank(0) != 4 || b.rank(1) != 2 || b.rank(2) != 1)
    b.fail("needs images, a list of regions and a list of image numbers");
  Value boxes = sized(b, 1, 1, b.constantDim(4), "numbers per region");
  auto regions = llm::fixedDim(b.dims(1)[0]),
       images = llm::fixedDim(b.dims(2)[0]);
  if (regions && images && *regions != *images)
    b.fail(Twine(*images) + " image numbers for " + Twine(*regions) +
           " regions");
  b.learnEqual(b.dims(2)[0], b.dims(1)[0]);
  StringRef mode = b.stringAttr("mode", "avg");
  if (mode != "avg" && mode != "max")
    b.fail("mode is neither avg nor max");
  int64_t samples = b.intAttr("sampling_ratio", 0);
  if (samples < 0 || samples > kMaxWindow)
    b.fail("attribute sampling_ratio has the value " + Twine(samples));
  bool half = b.version() >= 16 &&
              b.stringAttr("coordinate_transformation_mode", "half_pixel") ==
                  "half_pixel";
  SmallVector<NamedAttribute> attrs = {
      b.named("samples", samples),
      b.named("scale",
              b.builder.getF64FloatAttr(b.floatAttr("spatial_scale", 1.0)))};
  if (half)
    attrs.push_back(b.named("half_pixel", b.builder.getUnitAttr()));
  if (mode == "max")
    attrs.push_back(b.named("maximum", b.builder.getUnitAttr()));
  llm::Dims out = {b.dims(1)[0], b.dims(0)[1],
                   b.constantDim(positiveSize(b, "output_height")),
                   b.constantDim(positiveSize(b, "output_width"))};
  b.set(0, b.makeAs<llm::RoiAlignOp>(b.tensor(out, b.element(0)),
                                     {b.in(0), boxes, b.in(2)}, attrs));
}

/// The op gives room for all boxes and how many it chose; their number is a
/// size that the data says.
static void importNonMaxSuppression(Binder &b) {
  if (b.rank(0) != 3 || b.rank(1) != 3)
    b.fail("needs boxes [batch, n, 4] and scores [batch, classes, n]");
  llm::Dims boxes = b.dims(0), scores = b.dims(1);
  auto differ = [&](llm::Dim x, llm::Dim y) {
    auto a = llm::fixedDim(x), c = llm::fixedDim(y);
    if (a && c && *a != *c)
      b.fail("boxes and scores of different sizes");
    b.learnEqual(x, y);
  };
  differ(boxes[0], scores[0]), differ(boxes[1], scores[2]);
  Type i64 = b.builder.getI64Type(), f32 = b.builder.getF32Type();
  auto scalar = [&](size_t i, Type element) {
    return b.reshape(b.cast(b.in(i), element), {});
  };
  SmallVector<Value> operands = {
      sized(b, 0, 2, b.constantDim(4), "numbers per box"), b.in(1),
      b.has(2) ? scalar(2, i64) : b.scalarSize(b.constantDim(0), i64),
      b.has(3) ? scalar(3, f32) : b.scalarFloat(f32, 0.0)};
  if (b.has(4))
    operands.push_back(scalar(4, f32));
  SmallVector<NamedAttribute> attrs;
  if (b.intAttr("center_point_box", 0))
    attrs.push_back(b.named("centered", b.builder.getUnitAttr()));
  llm::Dim room = llm::productOf(b.ctx, scores);
  SmallVector<Type> types = {b.tensor({room, b.constantDim(3)}, i64),
                             b.tensor({}, i64)};
  auto op = llm::NonMaxSuppressionOp::create(b.builder, b.loc, types, operands,
                                             attrs);
  b.check(op);
  llm::Dim count = b.bindDim(op.getCount(), "boxes");
  b.set(0, b.slice(op.getChosen(), 0, b.constantDim(0), count));
}

void addDetectionRules(RuleTable &rules) {
  rules.add({"RoiAlign"}, importRoiAlign);
  rules.add({"NonMaxSuppression"}, importNonMaxSuppression);
}

} // namespace llmc::onnx
