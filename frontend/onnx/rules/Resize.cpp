// SPDX-License-Identifier: Apache-2.0
// Resize and Upsample, axis by axis.
#include "frontend/onnx/rules/Sizes.h"
#include "frontend/onnx/rules/SlidingWindow.h"

using namespace mlir;

namespace llmc::onnx {

namespace {
/// What happens to one axis.
struct Resampled {
  int64_t axis;
  llm::Dim size;
  Value scale;          ///< f64 scalar
  bool shrinks = false; ///< as far as is known
};

/// How all axes are resampled.
struct Resizing {
  SmallVector<NamedAttribute> attrs;
  SmallVector<int64_t> axes;
  llm::Interpolation mode = llm::Interpolation::Nearest;
  bool crops = false;
  /// Nearest neighbours below opset 11, as onnxruntime keeps them: rounded
  /// down, or up where the axis shrinks.
  bool old = false;
};
} // namespace

static Value f64Scalar(Binder &b, double v) {
  return b.scalarFloat(b.builder.getF64Type(), v);
}

/// The scale between two sizes of an axis.
static Value scaleOf(Binder &b, llm::Dim from, llm::Dim to) {
  auto x = llm::fixedDim(from), y = llm::fixedDim(to);
  if (x && y)
    return f64Scalar(b, *x ? static_cast<double>(*y) / *x : 1.0);
  Type f64 = b.builder.getF64Type();
  return b.make<llm::DivOp>(
      {sizeAsFloat(b, to, f64), sizeAsFloat(b, from, f64)});
}

/// floor(size * scale) in f32, as onnxruntime computes it, where the scale is a
/// number.
static std::optional<llm::Dim> scaledSize(Binder &b, llm::Dim size,
                                          double scale) {
  if (!(scale > 0) || scale > 1e9)
    b.fail("a scale is not positive");
  if (auto fixed = llm::fixedDim(size)) {
    float product = static_cast<float>(*fixed) * static_cast<float>(scale);
    if (product > 1e15f)
      b.fail("a scale gives a size of more than 10^15");
    return b.constantDim(static_cast<int64_t>(product));
  }
  if (scale == std::floor(scale))
    return llm::simplified(size * static_cast<int64_t>(scale));
  double inverse = 1.0 / scale;
  if (inverse == std::floor(inverse) && 1.0 / inverse == scale)
    return llm::simplified(size.floorDiv(static_cast<int64_t>(inverse)));
  return std::nullopt;
}

/// A size that the data says: an integer from a float.
static llm::Dim boundSize(Binder &b, Value f) {
  return b.bindDim(b.cast(b.make<llm::FloorOp>(f), b.builder.getI64Type()),
                   "resized");
}

static void fromScales(Binder &b, size_t input, const Resizing &r,
                       SmallVectorImpl<Resampled> &out) {
  const Content *known = b.content(input);
  int64_t n = r.axes.size();
  if (b.rank(input) != 1 || llm::fixedDim(b.dims(input)[0]) != n)
    b.fail("needs one scale per axis");
  for (int64_t i = 0; i < n; ++i) {
    llm::Dim from = b.dims(0)[r.axes[i]];
    Type f32 = b.builder.getF32Type(), f64 = b.builder.getF64Type();
    if (known && known->isFloat) {
      double scale = known->floats[i];
      if (scale == 1.0 && !r.crops)
        continue;
      if (auto size = scaledSize(b, from, scale)) {
        out.push_back({r.axes[i], *size, f64Scalar(b, scale), scale < 1});
        continue;
      }
    }
    Value scale = elementAt(b, b.in(input), i);
    Value product =
        b.make<llm::MulOp>({sizeAsFloat(b, from, f32), b.cast(scale, f32)});
    out.push_back({r.axes[i], boundSize(b, product), b.cast(scale, f64)});
  }
}

/// One scale for all axes: the smallest or largest one that the sizes give.
static void keepAspect(Binder &b, bool smallest, const Resizing &r,
                       ArrayRef<llm::Dim> sizes,
                       SmallVectorImpl<Resampled> &out) {
  llm::Dims from = b.dims(0);
  bool fixed = llm::isFixed(sizes);
  for (int64_t a : r.axes)
    fixed &= llm::fixedDim(from[a]).value_or(0) > 0;
  if (fixed) {
    double best = smallest ? INFINITY : 0.0;
    for (auto [a, s] : llvm::zip(r.axes, sizes)) {
      double ratio =
          static_cast<double>(*llm::fixedDim(s)) / *llm::fixedDim(from[a]);
      best = smallest ? std::min(best, ratio) : std::max(best, ratio);
    }
    for (int64_t a : r.axes)
      out.push_back({a,
                     b.constantDim(static_cast<int64_t>(
                         std::floor(best * *llm::fixedDim(from[a]) + 0.5))),
                     f64Scalar(b, best)});
    return;
  }
  Value best;
  for (auto [a, s] : llvm::zip(r.axes, sizes)) {
    Value ratio = scaleOf(b, from[a], s);
    best = !best      ? ratio
           : smallest ? b.make<llm::MinOp>({best, ratio})
                      : b.make<llm::MaxOp>({best, ratio});
  }
  for (int64_t a : r.axes) {
    Value product = b.make<llm::MulOp>(
        {sizeAsFloat(b, from[a], b.builder.getF64Type()), best});
    product = b.make<llm::AddOp>({product, f64Scalar(b, 0.5)});
    out.push_back({a, boundSize(b, product), best});
  }
}

static void fromSizes(Binder &b, size_t input, const Resizing &r,
                      SmallVectorImpl<Resampled> &out) {
  int64_t n = r.axes.size();
  if (b.rank(input) != 1 || llm::fixedDim(b.dims(input)[0]) != n)
    b.fail("needs one size per axis");
  llm::Dims sizes;
  if (const Content *known = b.content(input); known && !known->isFloat)
    sizes = known->ints;
  else
    for (int64_t i = 0; i < n; ++i)
      sizes.push_back(b.bindDim(elementAt(b, b.in(input), i), "resized"));
  for (llm::Dim s : sizes)
    if (b.sizes.isNegative(s))
      b.fail("has a negative size");
  StringRef policy = b.stringAttr("keep_aspect_ratio_policy", "stretch");
  if (policy == "not_larger" || policy == "not_smaller")
    return keepAspect(b, policy == "not_larger", r, sizes, out);
  if (policy != "stretch")
    b.fail("keep_aspect_ratio_policy is none of stretch, not_larger and "
           "not_smaller");
  for (auto [a, s] : llvm::zip(r.axes, sizes))
    if (s != b.dims(0)[a] || r.crops)
      out.push_back({a, s, scaleOf(b, b.dims(0)[a], s)});
}

static void setMode(Binder &b, Resizing &r, StringRef mode) {
  auto known = llm::symbolizeInterpolation(mode);
  if (!known)
    b.fail("mode is none of nearest, linear and cubic");
  r.mode = *known;
  r.attrs.push_back(
      b.named("mode", llm::InterpolationAttr::get(b.ctx, *known)));
}

static void setCoordinates(Binder &b, Resizing &r, StringRef name) {
  auto known = llm::symbolizeCoordinates(name);
  if (!known && name == "tf_half_pixel_for_nn")
    b.unsupported("coordinate_transformation_mode tf_half_pixel_for_nn is not "
                  "supported");
  if (!known)
    b.fail("has an unknown coordinate_transformation_mode");
  r.crops = *known == llm::Coordinates::CropAndResize;
  r.attrs.push_back(
      b.named("coordinates", llm::CoordinatesAttr::get(b.ctx, *known)));
}

/// Resamples axis after axis. Integers are computed in f32 and rounded where
/// values are mixed.
static void setResampled(Binder &b, const Resizing &r, ArrayRef<Resampled> axes,
                         Value roi) {
  Value x = b.in(0);
  Type element = b.element(0), compute = element;
  if (r.mode != llm::Interpolation::Nearest &&
      (!isa<FloatType>(element) || element.getIntOrFloatBitWidth() < 32))
    compute = b.builder.getF32Type();
  x = b.cast(x, compute);
  int64_t n = r.axes.size();
  for (const Resampled &a : axes) {
    SmallVector<Value> operands = {x, a.scale};
    if (roi) {
      int64_t i = std::distance(r.axes.begin(), llvm::find(r.axes, a.axis));
      auto one = b.constantDim(1);
      operands.push_back(b.concat({b.slice(roi, 0, b.constantDim(i), one),
                                   b.slice(roi, 0, b.constantDim(n + i), one)},
                                  0));
    }
    llm::Dims dims = llm::dimsOf(x);
    dims[a.axis] = a.size;
    auto attrs = r.attrs;
    attrs.push_back(b.named("axis", a.axis));
    if (r.old)
      attrs.push_back(b.named(
          "rounding",
          llm::RoundingAttr::get(b.ctx, a.shrinks ? llm::Rounding::Ceil
                                                  : llm::Rounding::Floor)));
    x = b.makeAs<llm::ResampleOp>(b.tensor(dims, compute), operands, attrs);
  }
  if (compute != element && isa<IntegerType>(element))
    x = b.make<llm::RoundOp>(x);
  b.set(0, b.cast(x, element));
}

static Resizing readResizing(Binder &b) {
  Resizing r;
  setMode(b, r, b.stringAttr("mode", "nearest"));
  setCoordinates(b, r,
                 b.stringAttr("coordinate_transformation_mode", "half_pixel"));
  auto rounding = llm::symbolizeRounding(
      b.stringAttr("nearest_mode", "round_prefer_floor"));
  if (!rounding)
    b.fail("has an unknown nearest_mode");
  r.attrs.push_back(
      b.named("rounding", llm::RoundingAttr::get(b.ctx, *rounding)));
  r.attrs.push_back(b.named(
      "cubic", b.builder.getF64FloatAttr(b.floatAttr("cubic_coeff_a", -0.75))));
  r.attrs.push_back(b.named(
      "extrapolation",
      b.builder.getF64FloatAttr(b.floatAttr("extrapolation_value", 0.0))));
  if (b.intAttr("exclude_outside", 0))
    r.attrs.push_back(b.named("exclude_outside", b.builder.getUnitAttr()));
  if (b.intAttr("antialias", 0)) {
    if (r.mode == llm::Interpolation::Nearest)
      b.fail("antialias does not go with mode nearest");
    r.attrs.push_back(b.named("antialias", b.builder.getUnitAttr()));
  }
  int64_t rank = b.rank(0);
  auto axes = b.version() >= 18 ? b.intsAttr("axes") : std::nullopt;
  r.axes = upTo(rank);
  if (axes) {
    r.axes.clear();
    for (int64_t a : *axes)
      r.axes.push_back(b.axis(a, rank));
    SmallVector<int64_t> sorted(r.axes);
    llvm::sort(sorted);
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
      b.fail("an axis is given twice");
  }
  return r;
}

/// An optional list: absent, or empty as exporters write absent ones.
static bool hasList(Binder &b, size_t i) {
  return b.has(i) && !(b.rank(i) == 1 && llm::fixedDim(b.dims(i)[0]) == 0);
}

static void importResize(Binder &b) {
  if (b.rank(0) < 1)
    b.fail("needs a tensor of rank 1 or more");
  SmallVector<Resampled> axes;
  if (b.version() < 11) { // scales alone
    Resizing r;
    setMode(b, r, b.stringAttr("mode", "nearest"));
    setCoordinates(b, r, "asymmetric");
    r.old = true;
    r.axes = upTo(b.rank(0));
    fromScales(b, 1, r, axes);
    return setResampled(b, r, axes, {});
  }
  Resizing r = readResizing(b);
  Value roi;
  if (r.crops) {
    if (!hasList(b, 1))
      b.fail("needs a roi for tf_crop_and_resize");
    int64_t n = r.axes.size();
    if (b.rank(1) != 1 || llm::fixedDim(b.dims(1)[0]) != 2 * n)
      b.fail("needs two roi numbers per axis");
    roi = b.cast(b.in(1), b.builder.getF64Type());
  }
  bool scales = hasList(b, 2), sizes = hasList(b, 3);
  if (scales == sizes)
    b.fail("needs either scales or sizes");
  if (scales)
    fromScales(b, 2, r, axes);
  else
    fromSizes(b, 3, r, axes);
  setResampled(b, r, axes, roi);
}

/// Below opset 9 scales are an attribute.
static void importUpsample(Binder &b) {
  Resizing r;
  StringRef mode = b.stringAttr("mode", "nearest");
  setMode(b, r, mode == "bilinear" ? "linear" : mode);
  setCoordinates(b, r, "asymmetric");
  r.old = true;
  r.axes = upTo(b.rank(0));
  SmallVector<Resampled> axes;
  if (b.version() >= 9) {
    fromScales(b, 1, r, axes);
    return setResampled(b, r, axes, {});
  }
  auto list = dyn_cast_or_null<DenseF32ArrayAttr>(b.attr("scales"));
  if (!list || list.size() != b.rank(0))
    b.fail("needs one scale per axis");
  for (auto [a, s] : llvm::enumerate(list.asArrayRef())) {
    llm::Dim from = b.dims(0)[a];
    if (s == 1.0f)
      continue;
    auto size = scaledSize(b, from, s);
    int64_t axis = a;
    if (!size)
      size = boundSize(
          b, b.make<llm::MulOp>({sizeAsFloat(b, from, b.builder.getF32Type()),
                                 b.scalarFloat(b.builder.getF32Type(), s)}));
    axes.push_back({axis, *size, f64Scalar(b, s), s < 1});
  }
  setResampled(b, r, axes, {});
}

void addResizeRules(RuleTable &rules) {
  rules.add({"Resize"}, importResize);
  rules.add({"Upsample"}, importUpsample);
}

} // namespace llmc::onnx
