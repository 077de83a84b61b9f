// SPDX-License-Identifier: Apache-2.0
// Fourier transforms, windows and the mel scale.
#include "frontend/onnx/rules/SlidingWindow.h"

#include <numbers>

using namespace mlir;

namespace llmc::onnx {

static Value whole(Binder &b, int64_t v) {
  return b.scalarSize(b.constantDim(v), b.builder.getI64Type());
}
static Value sizeValue(Binder &b, llm::Dim d) {
  return b.scalarSize(d, b.builder.getI64Type());
}
/// A length that an input gives.
static llm::Dim lengthOf(Binder &b, size_t i, StringRef hint) {
  llm::Dim d = b.sizeOf(i, hint);
  if (auto fixed = llm::fixedDim(d);
      fixed && (*fixed < 1 || *fixed > (int64_t(1) << 31)))
    b.fail(hint + " is " + Twine(*fixed));
  return d;
}

/// The transform along the last dim but one.
static Value transform(Binder &b, Value x, llm::Dim length, bool onesided,
                       bool inverse) {
  llm::Dims dims = llm::dimsOf(x);
  auto parts = llm::fixedDim(dims.back());
  if (!parts)
    b.unsupported("a signal that is real or complex as the data says is not "
                  "supported");
  if (*parts != 1 && *parts != 2)
    b.fail("needs real or complex numbers in the last dim");
  if (onesided && !inverse && *parts != 1)
    b.fail("a onesided transform takes real numbers");
  bool half = onesided && !inverse, realResult = onesided && inverse;
  dims[dims.size() - 2] =
      half ? llm::simplified(length.floorDiv(2) + 1) : length;
  dims.back() = b.constantDim(realResult ? 1 : 2);
  SmallVector<NamedAttribute> attrs = {
      b.named("length", llm::dimsAttr(b.ctx, length))};
  if (onesided)
    attrs.push_back(b.named("onesided", b.builder.getUnitAttr()));
  if (inverse)
    attrs.push_back(b.named("inverse", b.builder.getUnitAttr()));
  return b.makeAs<llm::DftOp>(b.tensor(dims, llm::elementOf(x)), x, attrs);
}

namespace {
/// A tensor as [outer, n, inner, parts] around the axis of a transform.
struct AroundAxis {
  llm::Dim outer, n, inner;
  llm::Dims before, after; ///< dims that outer and inner are made of, if fixed
  Value axis;              ///< i64 scalar where the data says it
};
} // namespace

static AroundAxis aroundFixed(Binder &b, int64_t axis) {
  llm::Dims all = b.dims(0);
  int64_t rank = all.size();
  if (axis < -rank || axis >= rank ||
      (axis < 0 ? axis + rank : axis) == rank - 1)
    b.fail("axis " + Twine(axis) + " is not one of the signal's");
  axis = axis < 0 ? axis + rank : axis;
  AroundAxis a;
  a.before.assign(all.begin(), all.begin() + axis);
  a.after.assign(all.begin() + axis + 1, all.end() - 1);
  a.outer = llm::productOf(b.ctx, a.before);
  a.inner = llm::productOf(b.ctx, a.after);
  a.n = all[axis];
  return a;
}

/// The same for an axis that is data: products over the dims that stand before
/// and behind it.
static AroundAxis aroundData(Binder &b, size_t input) {
  llm::Dims all = b.dims(0);
  int64_t rank = all.size();
  llm::Dims signal(all.begin(), all.end() - 1);
  auto list = RankedTensorType::get({rank - 1}, b.builder.getI64Type());
  Value dims = b.sizesAsData(signal, list);
  Value axis = b.reshape(b.cast(b.in(input), b.builder.getI64Type()), {});
  axis = b.make<llm::WhereOp>(
      {less(b, axis, whole(b, 0)), add(b, axis, whole(b, rank)), axis});
  Value at = countTo(b, b.constantDim(rank - 1), b.builder.getI64Type());
  auto product = [&](Value chosen, StringRef hint) {
    Value factors = b.make<llm::WhereOp>({chosen, dims, whole(b, 1)});
    return b.bindDim(reduce(b, llm::ReduceKind::Prod, factors, 0, false), hint);
  };
  AroundAxis a;
  a.axis = axis;
  a.outer = product(less(b, at, axis), "dft_outer");
  a.inner = product(b.make<llm::GreaterOp>({at, axis}), "dft_inner");
  // By an index, so that an axis outside the signal fails the call.
  a.n = b.bindDim(b.make<llm::GatherOp>({dims, axis}, b.named("axis", 0)),
                  "dft_axis");
  return a;
}

/// The result's dims where the axis is data: that dim is `length`, the others
/// are the operand's.
static llm::Dims dimsAround(Binder &b, const AroundAxis &a, llm::Dim length) {
  if (!a.axis) {
    llm::Dims dims(a.before);
    dims.push_back(length);
    dims.append(a.after);
    return dims;
  }
  llm::Dims all = b.dims(0), dims;
  for (int64_t i = 0; i + 1 < static_cast<int64_t>(all.size()); ++i) {
    Value is = equal(b, a.axis, whole(b, i));
    dims.push_back(b.bindDim(
        b.make<llm::WhereOp>({is, sizeValue(b, length), sizeValue(b, all[i])}),
        "dft_dim"));
  }
  return dims;
}

static void importDft(Binder &b) {
  if (b.rank(0) < 2 || !isa<FloatType>(b.element(0)))
    b.fail("needs a tensor of floats of rank 2 or more");
  AroundAxis a;
  bool given = b.version() >= 20 && b.has(2);
  auto fixed = given ? b.fixedInts(2) : std::nullopt;
  if (given && fixed && fixed->size() != 1)
    b.fail("axis is not a scalar");
  if (!given)
    a = aroundFixed(b, b.version() < 20 ? b.intAttr("axis", 1) : -2);
  else
    a = fixed ? aroundFixed(b, (*fixed)[0]) : aroundData(b, 2);
  bool onesided = b.intAttr("onesided", 0) != 0,
       inverse = b.intAttr("inverse", 0) != 0;
  llm::Dim length = a.n;
  if (b.has(1))
    length = lengthOf(b, 1, "dft_length");
  else if (onesided && inverse)
    length = b.sizes.max(llm::simplified((a.n - 1) * 2), b.constantDim(0));
  llm::Dim parts = b.dims(0).back();
  Value x = b.reshape(b.in(0), {a.outer, a.n, a.inner, parts});
  Value y =
      transform(b, b.transpose(x, {0, 2, 1, 3}), length, onesided, inverse);
  y = b.transpose(y, {0, 2, 1, 3});
  llm::Dims dims = dimsAround(b, a, llm::dimsOf(y)[1]);
  dims.push_back(llm::dimsOf(y)[3]);
  b.set(0, b.reshape(y, dims));
}

/// Frames of the signal, gathered, times the window, transformed.
static void importStft(Binder &b) {
  Value x = b.in(0);
  if (b.rank(0) != 3 || !isa<FloatType>(b.element(0)))
    b.fail("needs a signal [batch, length, 1 or 2] of floats");
  llm::Dim length = b.dims(0)[1], frame = length;
  if (b.has(2) && b.rank(2) != 1)
    b.fail("a window of rank " + Twine(b.rank(2)));
  if (b.has(3))
    frame = lengthOf(b, 3, "frame_length");
  else if (b.has(2))
    frame = b.dims(2)[0];
  if (b.has(2)) {
    auto have = llm::fixedDim(b.dims(2)[0]), want = llm::fixedDim(frame);
    if (have && want && *have != *want)
      b.fail("a window of " + Twine(*have) + " for frames of " + Twine(*want));
  }
  llm::Dim step = b.content(1)
                      ? lengthOf(b, 1, "frame_step")
                      : bindDivisor(b, b.reshape(b.in(1), {}), "frame_step");
  llm::Dim room = llm::simplified(length - frame);
  if (b.sizes.isNegative(room))
    b.fail("frames are longer than the signal");
  llm::Dim frames = llm::simplified(
      b.sizes.max(llm::simplified(room + step), b.constantDim(0))
          .floorDiv(step));
  llm::Dim one = b.constantDim(1);
  Value starts =
      mul(b, countTo(b, frames, b.builder.getI64Type()), sizeValue(b, step));
  Value at =
      add(b, b.reshape(starts, {frames, one}),
          b.reshape(countTo(b, frame, b.builder.getI64Type()), {one, frame}));
  Value y = b.make<llm::GatherOp>({x, at}, b.named("axis", 1));
  if (Value window = b.maybe(2))
    y = mul(b, y, b.reshape(b.cast(window, b.element(0)), {b.dims(2)[0], one}));
  bool onesided =
      b.intAttr("onesided", 1) != 0 && llm::fixedDim(b.dims(0)[2]) == 1;
  b.set(0, transform(b, y, frame, onesided, false));
}

/// The element type that an attribute asks for, f32 by default.
static Type resultElement(Binder &b) {
  auto code = static_cast<int32_t>(b.intAttr("output_datatype", 1));
  Type element = mlirType(b.ctx, code);
  if (!element)
    b.unsupported("output_datatype " + elementTypeName(code) +
                  " is not supported");
  return element;
}

/// c0 - c1 cos(2 pi n / N) + c2 cos(4 pi n / N) for n = 0 .. size - 1; N is the
/// size, or with `periodic` = 0 one less.
static void window(Binder &b, double c0, double c1, double c2) {
  llm::Dim size = b.sizeOf(0, "window_size");
  auto fixed = llm::fixedDim(size);
  if (fixed && *fixed < 0)
    b.fail("a window of " + Twine(*fixed) + " elements");
  Type real = b.builder.getF64Type(), whole = b.builder.getI64Type();
  llm::Dim period = b.intAttr("periodic", 1) ? size : llm::simplified(size - 1);
  Value n = b.cast(countAlong(b, size, 0, 1, whole), real);
  Value angle = div(b, scaled(b, n, 2 * std::numbers::pi),
                    b.cast(b.scalarSize(period, whole), real));
  Value first = scaled(b, b.make<llm::CosOp>(angle), -c1);
  Value sum = add(b, first, c0);
  if (c2 != 0)
    sum = add(b, sum, scaled(b, b.make<llm::CosOp>(scaled(b, angle, 2)), c2));
  b.set(0, b.cast(sum, resultElement(b)));
}

namespace {
/// The triangles of MelWeightMatrix, elementwise over [bins, mels].
class MelFilters {
public:
  MelFilters(Binder &b, llm::Dim mels, llm::Dim length)
      : b(b), mels(mels), f64(b.builder.getF64Type()), edges(edgeBins(length)) {
    llm::Dim one = b.constantDim(1);
    bins = llm::simplified(length.floorDiv(2) + 1);
    j = b.reshape(countTo(b, bins, b.builder.getI64Type()), {bins, one});
  }

  Value make() {
    Value left = edge(0), center = edge(1), right = edge(2);
    Value rise = sub(center, left), fall = sub(right, center);
    Value up = both<llm::GreaterEqualOp, llm::LessEqualOp>(left, center);
    up = where(up, ratio(sub(j, left), rise), constantLike(b, zero(), 0));
    Value peak = where(op<llm::EqualOp>(j, center), constantLike(b, zero(), 1),
                       constantLike(b, zero(), 0));
    Value y = where(op<llm::EqualOp>(rise, whole(b, 0)), peak, up);
    Value down = both<llm::GreaterEqualOp, llm::LessOp>(center, right);
    return where(down, ratio(sub(right, j), fall), y);
  }

private:
  template <typename OpTy> Value op(Value x, Value y) {
    return b.make<OpTy>({x, y});
  }
  Value sub(Value x, Value y) { return op<llm::SubOp>(x, y); }
  Value where(Value c, Value x, Value y) {
    return b.make<llm::WhereOp>({c, x, y});
  }
  Value zero() { return b.scalarFloat(f64, 0); }
  template <typename Low, typename High> Value both(Value from, Value to) {
    return op<llm::AndOp>(op<Low>(j, from), op<High>(j, to));
  }
  Value ratio(Value x, Value y) {
    return op<llm::DivOp>(b.cast(x, f64), b.cast(y, f64));
  }
  Value scalar(size_t i) { return b.reshape(b.cast(b.in(i), f64), {}); }
  Value times(Value x, double v) {
    return op<llm::MulOp>(x, constantLike(b, x, v));
  }

  /// 2595 log10(1 + f / 700)
  Value melOf(Value f) {
    Value x = op<llm::AddOp>(times(f, 1.0 / 700), constantLike(b, f, 1));
    return times(b.make<llm::LogOp>(x), 2595 / std::numbers::ln10);
  }

  /// The bins of mels + 2 frequencies that lie evenly on the mel scale.
  Value edgeBins(llm::Dim length) {
    llm::Dim count = llm::simplified(mels + 2);
    Value low = melOf(scalar(3)), high = melOf(scalar(4));
    Value step =
        op<llm::DivOp>(sub(high, low), b.cast(sizeValue(b, count), f64));
    Value mel = op<llm::AddOp>(
        op<llm::MulOp>(b.cast(countTo(b, count, b.builder.getI64Type()), f64),
                       step),
        low);
    Value f = b.make<llm::ExpOp>(times(mel, std::numbers::ln10 / 2595));
    f = times(sub(f, constantLike(b, f, 1)), 700);
    Value n = b.cast(sizeValue(b, llm::simplified(length + 1)), f64);
    Value bin = op<llm::DivOp>(op<llm::MulOp>(f, n), scalar(2));
    return b.cast(b.make<llm::FloorOp>(bin), b.builder.getI64Type());
  }
  Value edge(int64_t shift) {
    Value part = b.slice(edges, 0, b.constantDim(shift), mels);
    return b.reshape(part, {b.constantDim(1), mels});
  }

  Binder &b;
  llm::Dim mels, bins;
  Type f64;
  Value edges, j;
};
} // namespace

static void importMelWeights(Binder &b) {
  for (size_t i = 0; i < 5; ++i)
    if (!b.type(i).hasStaticShape() || b.type(i).getNumElements() != 1)
      b.fail("input " + Twine(i) + " needs one number");
  llm::Dim mels = lengthOf(b, 0, "num_mel_bins"),
           length = lengthOf(b, 1, "dft_length");
  b.set(0, b.cast(MelFilters(b, mels, length).make(), resultElement(b)));
}

void addSignalRules(RuleTable &rules) {
  rules.add({"DFT"}, importDft);
  rules.add({"STFT"}, importStft);
  rules.add({"MelWeightMatrix"}, importMelWeights);
  rules.add({"HannWindow"}, [](Binder &b) { window(b, 0.5, 0.5, 0); });
  rules.add({"HammingWindow"},
            [](Binder &b) { window(b, 25.0 / 46, 21.0 / 46, 0); });
  rules.add({"BlackmanWindow"}, [](Binder &b) { window(b, 0.42, 0.5, 0.08); });
}

} // namespace llmc::onnx
