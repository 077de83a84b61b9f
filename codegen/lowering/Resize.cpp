// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/SlidingWindow.h"

using namespace mlir;

namespace llmc {

using llm::Coordinates;
using llm::Interpolation;

namespace {
/// The neighbours and weights of one element of a resampled axis, in f64.
class AxisSampler {
public:
  AxisSampler(PlainBody &b, llm::ResampleOp op, ArrayRef<Value> index)
      : b(b), k(b.k), op(op), index(index), axis(op.getAxis()),
        length(b.dim(0, axis)), scale(b.load(1, {})) {
    in = k.convert(length, k.f64());
    out = k.mul(scale, in); // before rounding
  }

  void emit() {
    Value at = place();
    // ratio is in (0, 1]: at an element, its left neighbour has weight 0.
    Value lower = k.sub(k.ceil(at), f(1)), ratio = k.sub(at, lower);
    Value left = k.convert(lower, k.i64());
    Value y = op.getMode() == Interpolation::Nearest ? nearest(at, left, ratio)
                                                     : weighted(left, ratio);
    if (op.getCoordinates() == Coordinates::CropAndResize) {
      Value outside = k.bitOr(k.cmp(CmpF::OLT, at, f(0)),
                              k.cmp(CmpF::OGT, at, k.sub(in, f(1))));
      double v = op.getExtrapolation().convertToDouble();
      Value fill = isa<FloatType>(y.getType())
                       ? k.constant(y.getType(), v)
                       : k.constantInt(y.getType(), static_cast<int64_t>(v));
      y = k.select(outside, fill, y);
    }
    b.store(y, 2, index);
  }

private:
  Value f(double v) { return k.constant(k.f64(), v); }

  /// Where the element lies in the original axis.
  Value place() {
    Value x = k.convert(index[axis], k.f64());
    Value half = k.sub(k.div(k.add(x, f(0.5)), scale), f(0.5));
    Value single = k.cmp(CmpF::OEQ, out, f(1));
    switch (op.getCoordinates()) {
    case Coordinates::HalfPixel:
      return half;
    case Coordinates::HalfPixelSymmetric: {
      Value rounded = k.convert(b.dim(2, axis), k.f64());
      Value adjust = k.sub(f(1), k.div(rounded, out));
      return k.add(k.mul(k.div(in, f(2)), adjust), half);
    }
    case Coordinates::PytorchHalfPixel:
      return k.select(single, f(0), half);
    case Coordinates::AlignCorners:
      return k.select(single, f(0), between(x, f(1)));
    case Coordinates::Asymmetric:
      return k.div(x, scale);
    case Coordinates::CropAndResize:
      break;
    }
    Value start = b.load(3, {k.ci(0)}), end = b.load(3, {k.ci(1)});
    Value last = k.sub(in, f(1)), size = k.sub(end, start);
    Value inside =
        k.select(single, k.div(k.mul(size, last), f(2)), between(x, size));
    return k.add(inside, k.mul(start, last));
  }
  /// x * part * (in - 1) / (out - 1)
  Value between(Value x, Value part) {
    return k.div(k.mul(k.mul(x, part), k.sub(in, f(1))), k.sub(out, f(1)));
  }

  Value clamped(Value i) { return k.max(k.min(i, k.sub(length, 1)), k.ci(0)); }
  Value load(Value i) {
    Values from(index);
    from[axis] = clamped(i);
    return b.load(0, from);
  }

  Value nearest(Value at, Value left, Value ratio) {
    Value right = k.add(left, 1), takesLeft;
    switch (op.getRounding()) {
    case llm::Rounding::PreferFloor:
      takesLeft = k.cmp(CmpF::OLE, ratio, f(0.5));
      break;
    case llm::Rounding::PreferCeil:
      takesLeft = k.cmp(CmpF::OLT, ratio, f(0.5));
      break;
    case llm::Rounding::Floor:
      takesLeft = k.cmp(CmpF::OLT, ratio, f(1));
      break;
    case llm::Rounding::Ceil:
      return load(right);
    }
    return load(k.select(takesLeft, left, right));
  }

  /// The filter's weight at a distance.
  Value weight(Value distance) {
    Value t = k.abs(distance);
    if (op.getMode() == Interpolation::Linear)
      return k.maximum(k.sub(f(1), t), f(0));
    double a = op.getCubic().convertToDouble();
    auto poly = [&](double c3, double c2, double c1, double c0) {
      Value v = k.add(k.mul(t, f(c3)), f(c2));
      v = k.add(k.mul(v, t), f(c1));
      return k.add(k.mul(v, t), f(c0));
    };
    Value inner = poly(a + 2, -(a + 3), 0, 1),
          outer = poly(a, -5 * a, 8 * a, -4 * a);
    return k.select(k.cmp(CmpF::OLE, t, f(1)), inner,
                    k.select(k.cmp(CmpF::OLT, t, f(2)), outer, f(0)));
  }

  Value weighted(Value left, Value ratio) {
    int64_t reach = op.getMode() == Interpolation::Linear ? 1 : 2;
    Value stretch = f(1), first = k.ci(1 - reach), last = k.ci(1 + reach);
    bool antialias = op.getAntialias(), normalize = antialias;
    if (antialias) { // the filter is wider where the axis shrinks
      stretch = k.min(scale, f(1));
      first = k.add(k.convert(k.floor(k.div(f(-reach), stretch)), k.i64()), 1);
      last = k.sub(k.ci(2), first);
    }
    normalize |= op.getExcludeOutside();
    Values sums = k.forLoop(
        first, last, k.ci(1), {f(0), f(0)},
        [&](Value i, ValueRange carried) -> Values {
          Value w = weight(k.mul(k.sub(k.convert(i, k.f64()), ratio), stretch));
          Value at = k.add(left, i);
          if (op.getExcludeOutside())
            w = k.select(k.cmp(CmpI::ult, at, length), w, f(0));
          Value x = k.convert(load(at), k.f64());
          return {k.add(carried[0], k.mul(w, x)), k.add(carried[1], w)};
        });
    Value y = sums[0];
    if (normalize)
      y = k.div(y, k.select(k.cmp(CmpF::OEQ, sums[1], f(0)), f(1), sums[1]));
    return k.convert(y, computeType(b.element(2)));
  }

  PlainBody &b;
  CodeBuilder &k;
  llm::ResampleOp op;
  ArrayRef<Value> index;
  int64_t axis;
  Value length, scale, in, out;
};
} // namespace

/// Fails the call where a tensor has elements but the one it comes from has
/// none.
static void failIfEmpty(EntryLowering &e, const MemTensor &x,
                        const MemTensor &out) {
  CodeBuilder &h = e.host();
  Value from = e.product(x.dims), to = e.product(out.dims), zero = h.ci(0);
  e.failIf(h.bitAnd(h.eq(from, zero), h.cmp(CmpI::ne, to, zero)),
           LLMC_FAIL_SHAPE, from, to);
}

static LogicalResult lowerResample(Operation *op, EntryLowering &e) {
  auto resample = cast<llm::ResampleOp>(op);
  MemTensor x = e.get(resample.getX()), out = e.result(resample.getResult());
  failIfEmpty(e, x, out);
  SmallVector<PlainTensor> tensors = {
      {x}, {e.get(resample.getScale())}, {out, true}};
  if (resample.getRoi())
    tensors.push_back({e.get(resample.getRoi())});
  std::string key;
  llvm::raw_string_ostream(key) << op->getAttrDictionary();
  launchPlain(e, "resample", key, tensors, {}, 2, [&](PlainBody &b) {
    b.forElements(
        2, [&](Values index) { AxisSampler(b, resample, index).emit(); });
  });
  return success();
}

namespace {
/// One element of a grid sample. Places are in f32, as in the specification's
/// code.
class GridSampler {
public:
  GridSampler(PlainBody &b, llm::GridSampleOp op, ArrayRef<Value> index)
      : b(b), k(b.k), op(op), index(index), rank(index.size() - 2),
        type(computeType(b.element(0))) {}

  void emit() {
    Values places;
    for (int64_t i = 0; i < rank; ++i)
      places.push_back(place(i));
    Values at;
    if (op.getMode() == Interpolation::Nearest) {
      Values inside;
      for (int64_t i = 0; i < rank; ++i)
        at.push_back(neighbour(i, k.convert(places[i], k.i64()), inside));
      return b.store(pixel(at, inside), 2, index);
    }
    b.store(mixed(0, places, at, {}), 2, index);
  }

private:
  Value f(double v) { return k.cf(v); }
  Value size(int64_t axis) { return k.convert(b.dim(0, axis + 2), k.f32()); }
  Value low() { return f(op.getAlignCorners() ? 0.0 : -0.5); }
  Value high(int64_t axis) {
    return k.sub(size(axis), f(op.getAlignCorners() ? 1.0 : 0.5));
  }

  /// Reflects at the borders until inside.
  Value reflected(Value x, int64_t axis) {
    Value lowest = low(), highest = high(axis), range = k.sub(highest, lowest);
    Value below = k.cmp(CmpF::OLT, x, lowest);
    Value beyond = k.select(below, k.sub(lowest, x), k.sub(x, highest));
    Value turns = k.trunc(k.div(beyond, range));
    Value rest = k.sub(beyond, k.mul(turns, range));
    Value odd =
        k.cmp(CmpF::ONE, turns, k.mul(k.trunc(k.div(turns, f(2))), f(2)));
    Value fromLow = k.cmp(CmpI::ne, below, odd);
    Value folded = k.select(fromLow, k.add(lowest, rest), k.sub(highest, rest));
    folded = k.select(k.cmp(CmpF::OEQ, range, f(0)), lowest, folded);
    Value inside =
        k.bitAnd(k.cmp(CmpF::OGE, x, lowest), k.cmp(CmpF::OLE, x, highest));
    return k.select(inside, x, folded);
  }

  /// The grid's place along an axis, in elements.
  Value place(int64_t axis) {
    Values at = {index[0]};
    at.append(index.begin() + 2, index.end());
    at.push_back(k.ci(rank - 1 - axis));
    Value n = k.add(k.convert(b.load(1, at), k.f32()), f(1));
    Value x = op.getAlignCorners()
                  ? k.mul(k.div(n, f(2)), k.sub(size(axis), f(1)))
                  : k.div(k.sub(k.mul(n, size(axis)), f(1)), f(2));
    if (op.getMode() == Interpolation::Nearest)
      x = k.roundEven(x);
    if (op.getMode() == Interpolation::Cubic)
      return x; // its neighbours are brought inside one by one
    Value last = k.sub(size(axis), f(1));
    if (op.getPadding() == llm::GridPadding::Border) {
      Value inside =
          k.bitAnd(k.cmp(CmpF::OGE, x, low()), k.cmp(CmpF::OLE, x, high(axis)));
      x = k.select(inside, x, k.max(k.min(x, last), f(0)));
    }
    if (op.getPadding() == llm::GridPadding::Reflection)
      x = reflected(x, axis);
    return x;
  }

  /// An element's index along an axis, valid in any case; for zero padding
  /// `inside` gets whether it counts.
  Value neighbour(int64_t axis, Value i, Values &inside) {
    Value count = b.dim(0, axis + 2);
    if (op.getPadding() == llm::GridPadding::Zeros)
      inside.push_back(k.cmp(CmpI::ult, i, count));
    if (op.getPadding() == llm::GridPadding::Reflection)
      i = k.convert(reflected(k.convert(i, k.f32()), axis), k.i64());
    return k.max(k.min(i, k.sub(count, 1)), k.ci(0));
  }

  Value pixel(const Values &at, const Values &inside) {
    Values from = {index[0], index[1]};
    from.append(at);
    Value v = b.load(0, from);
    for (Value i : inside)
      v = k.select(i, v, k.zero(v.getType()));
    return v;
  }

  /// Weights of the neighbours from floor(x) - reach + 1 on.
  Values weights(Value t) {
    Value one = k.constant(type, 1);
    if (op.getMode() == Interpolation::Linear)
      return {k.sub(one, t), t};
    auto c = [&](double v) { return k.constant(type, v); };
    const double a = -0.75;
    auto outer = [&](Value x) {
      Value v = k.sub(k.mul(x, c(a)), c(5 * a));
      v = k.add(k.mul(v, x), c(8 * a));
      return k.sub(k.mul(v, x), c(4 * a));
    };
    auto inner = [&](Value x) {
      Value v = k.sub(k.mul(x, c(a + 2)), c(a + 3));
      return k.add(k.mul(k.mul(v, x), x), one);
    };
    Value rest = k.sub(one, t);
    return {outer(k.add(t, one)), inner(t), inner(rest),
            outer(k.add(rest, one))};
  }

  Value mixed(int64_t axis, const Values &places, Values at, Values inside) {
    if (axis == rank)
      return pixel(at, inside);
    Value lower = k.floor(places[axis]);
    Value t = k.convert(k.sub(places[axis], lower), type);
    Value first = k.convert(lower, k.i64());
    Values w = weights(t);
    int64_t shift = static_cast<int64_t>(w.size()) / 2 - 1;
    Value sum;
    for (auto [i, weight] : llvm::enumerate(w)) {
      Values nextAt = at, nextInside = inside;
      nextAt.push_back(neighbour(
          axis, k.add(first, static_cast<int64_t>(i) - shift), nextInside));
      Value v = k.mul(weight, mixed(axis + 1, places, nextAt, nextInside));
      sum = sum ? k.add(sum, v) : v;
    }
    return sum;
  }

  PlainBody &b;
  CodeBuilder &k;
  llm::GridSampleOp op;
  ArrayRef<Value> index;
  int64_t rank;
  Type type;
};
} // namespace

static LogicalResult lowerGridSample(Operation *op, EntryLowering &e) {
  auto sample = cast<llm::GridSampleOp>(op);
  MemTensor x = e.get(sample.getX()), grid = e.get(sample.getGrid()),
            out = e.result(sample.getResult());
  failIfEmpty(e, x, out);
  requireEqual(e, grid.shape[0], out.shape[0]);
  std::string key;
  llvm::raw_string_ostream(key) << op->getAttrDictionary();
  launchPlain(e, "grid_sample", key, {{x}, {grid}, {out, true}}, {}, 2,
              [&](PlainBody &b) {
                b.forElements(2, [&](Values index) {
                  GridSampler(b, sample, index).emit();
                });
              });
  return success();
}

void addResizeLowerings(LoweringTable &table) {
  table["llm.resample"] = lowerResample;
  table["llm.grid_sample"] = lowerGridSample;
}

} // namespace llmc
