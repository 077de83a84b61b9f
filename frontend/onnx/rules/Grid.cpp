// SPDX-License-Identifier: Apache-2.0
// Sampling by grids.
#include "frontend/onnx/rules/Sizes.h"
#include "frontend/onnx/rules/SlidingWindow.h"

using namespace mlir;

namespace llmc::onnx {

static void importGridSample(Binder &b) {
  llm::Dims in = spatialDims(b, 0);
  StringRef mode = b.stringAttr("mode", "linear");
  mode = mode == "bilinear" ? "linear" : mode == "bicubic" ? "cubic" : mode;
  auto how = llm::symbolizeInterpolation(mode);
  auto padding =
      llm::symbolizeGridPadding(b.stringAttr("padding_mode", "zeros"));
  if (!how || !padding)
    b.fail("has an unknown mode or padding_mode");
  if (b.rank(1) != b.rank(0))
    b.fail("a grid of rank " + Twine(b.rank(1)) + " for a tensor of rank " +
           Twine(b.rank(0)));
  llm::Dims grid = b.dims(1), out = {b.dims(0)[0], b.dims(0)[1]};
  auto batch = llm::fixedDim(grid[0]), images = llm::fixedDim(out[0]);
  if (batch && images && *batch != *images)
    b.fail(Twine(*batch) + " grids for " + Twine(*images) + " images");
  b.learnEqual(grid[0], out[0]);
  out.append(grid.begin() + 1, grid.end() - 1);
  int64_t spatial = b.rank(0) - 2;
  Value places = sized(b, 1, spatial + 1, b.constantDim(spatial),
                       "coordinates and spatial axes");
  SmallVector<NamedAttribute> attrs = {
      b.named("mode", llm::InterpolationAttr::get(b.ctx, *how)),
      b.named("padding", llm::GridPaddingAttr::get(b.ctx, *padding))};
  if (b.intAttr("align_corners", 0))
    attrs.push_back(b.named("align_corners", b.builder.getUnitAttr()));
  Type element = b.element(0), compute = element;
  if (*how != llm::Interpolation::Nearest)
    compute = element.getIntOrFloatBitWidth() < 32 || isa<IntegerType>(element)
                  ? b.builder.getF32Type()
                  : element;
  Value y = b.makeAs<llm::GridSampleOp>(
      b.tensor(out, compute), {b.cast(b.in(0), compute), places}, attrs);
  b.set(0, b.cast(y, element));
}

/// The places of the elements of an axis in [-1, 1].
static Value axisPlaces(Binder &b, llm::Dim size, Type element, bool corners) {
  Type i64 = b.builder.getI64Type();
  auto number = [&](double v) { return b.scalarFloat(element, v); };
  Value i = b.cast(countTo(b, size, i64), element);
  Value n = sizeAsFloat(b, size, element);
  if (corners) { // -1 + 2 i / (n - 1)
    n = b.make<llm::MaxOp>({b.make<llm::SubOp>({n, number(1)}), number(1)});
    Value step = b.make<llm::DivOp>({number(2), n});
    return b.make<llm::SubOp>({b.make<llm::MulOp>({i, step}), number(1)});
  }
  // (2 i + 1) / n - 1
  Value odd =
      b.make<llm::AddOp>({b.make<llm::MulOp>({i, number(2)}), number(1)});
  return b.make<llm::SubOp>({b.make<llm::DivOp>({odd, n}), number(1)});
}

/// theta [N, n, n + 1] times (..., y, x, 1) for every place of the grid.
static void importAffineGrid(Binder &b) {
  if (b.rank(0) != 3 || b.rank(1) != 1)
    b.fail("needs theta of rank 3 and a list of sizes");
  int64_t count = b.type(1).hasStaticShape() ? b.type(1).getDimSize(0) : 0;
  int64_t n = count - 2;
  if (n != 2 && n != 3)
    b.unsupported("other than two or three spatial axes are not supported");
  llm::Dims theta = b.dims(0), sizes;
  auto rows = llm::fixedDim(theta[1]), columns = llm::fixedDim(theta[2]);
  if ((rows && *rows != n) || (columns && *columns != n + 1))
    b.fail("theta does not fit " + Twine(n) + " spatial axes");
  if (const Content *known = b.content(1); known && !known->isFloat)
    sizes = known->ints;
  else
    for (int64_t i = 0; i < count; ++i)
      sizes.push_back(b.bindDim(elementAt(b, b.in(1), i), "grid"));
  Type element = b.element(0);
  bool corners = b.intAttr("align_corners", 0) != 0;
  llm::Dim one = b.constantDim(1);
  llm::Dims column(n + 2, one), out = {theta[0]};
  out.append(sizes.begin() + 2, sizes.end());
  out.push_back(b.constantDim(n));
  column[0] = theta[0], column[n + 1] = b.constantDim(n);
  auto part = [&](int64_t i) {
    return b.reshape(b.slice(b.in(0), 2, b.constantDim(i), one), column);
  };
  Value sum = b.expand(part(n), out);
  for (int64_t i = 0; i < n; ++i) { // theta's columns go from x to z
    int64_t axis = n - 1 - i;
    llm::Dims line(n + 2, one);
    line[1 + axis] = sizes[2 + axis];
    Value places =
        b.reshape(axisPlaces(b, sizes[2 + axis], element, corners), line);
    sum = b.make<llm::AddOp>({sum, b.make<llm::MulOp>({part(i), places})});
  }
  b.set(0, b.reshape(sum, out));
}

void addGridRules(RuleTable &rules) {
  rules.add({"GridSample"}, importGridSample);
  rules.add({"AffineGrid"}, importAffineGrid);
}

} // namespace llmc::onnx
