// SPDX-License-Identifier: Apache-2.0
// Parts of tensors: slices and splits.
#include "frontend/onnx/rules/Axes.h"

using namespace mlir;

namespace llmc::onnx {

namespace {
/// One axis of a slice: as given, then as found. Without an entry of the node
/// it is the whole axis.
struct Range {
  llm::Dim start, end, step;
};
struct Part {
  llm::Dim start, count;
};

/// Finds one axis' part. Bounds from `kFar` on mean "to the end".
class SliceMath {
public:
  SliceMath(Binder &b, llm::Dim size)
      : b(b), math(b.sizes), size(size), last(llm::simplified(size - 1)),
        zero(b.constantDim(0)) {}

  Part part(const Range &r) {
    if (auto step = llm::fixedDim(r.step)) {
      Part p = *step > 0 ? forwards(r) : backwards(r);
      p.count = math.ceilDiv(p.count, *step > 0 ? *step : -*step);
      return p;
    }
    Part up = forwards(r), down = backwards(r);
    llm::Dim isUp = math.lessThan(zero, r.step),
             width = math.select(isUp, r.step, llm::simplified(-r.step));
    return {math.select(isUp, up.start, down.start),
            math.ceilDiv(math.select(isUp, up.count, down.count), width)};
  }

private:
  static constexpr int64_t kFar = int64_t(1) << 31;
  bool isFar(llm::Dim bound) {
    return llm::fixedDim(bound).value_or(0) >= kFar;
  }
  bool isFarBefore(llm::Dim bound) {
    return llm::fixedDim(bound).value_or(0) <= -kFar;
  }

  /// Negative ones count from the end.
  llm::Dim fromEnd(llm::Dim bound) {
    if (auto fixed = llm::fixedDim(bound))
      return *fixed < 0 ? llm::simplified(size + *fixed) : bound;
    if (math.isNonNegative(bound))
      return bound;
    // -n of a size n: a length of 0 has no meaning here.
    if (math.upperBound(bound).value_or(1) <= 0 && isOfSizes(bound))
      return llm::simplified(size + bound);
    return math.select(math.lessThan(bound, zero),
                       llm::simplified(size + bound), bound);
  }

  /// Made of sizes alone, not of what is computed from them.
  bool isOfSizes(llm::Dim bound) {
    bool plain = true;
    bound.walk([&](AffineExpr e) {
      if (auto s = dyn_cast<AffineSymbolExpr>(e))
        plain &= b.sizes.table().operands(s.getPosition()).empty();
    });
    return plain;
  }

  llm::Dim clamped(llm::Dim bound, llm::Dim least, llm::Dim most) {
    if (isFar(bound))
      return most;
    if (isFarBefore(bound))
      return least;
    return math.min(math.max(fromEnd(bound), least), most);
  }

  /// The count is that of step 1 yet.
  Part forwards(const Range &r) {
    llm::Dim first = clamped(r.start, zero, size),
             stop = clamped(r.end, zero, size);
    return {first, math.max(llm::simplified(stop - first), zero)};
  }
  Part backwards(const Range &r) {
    llm::Dim before = b.constantDim(-1), first = clamped(r.start, zero, last);
    llm::Dim stop = isFarBefore(r.end) ? before
                    : isFar(r.end)
                        ? last
                        : math.max(math.min(fromEnd(r.end), last), before);
    return {first, math.max(llm::simplified(first - stop), zero)};
  }

  Binder &b;
  SizeMath &math;
  llm::Dim size, last, zero;
};

/// The node's lists.
struct SliceLists {
  llm::Dims starts, ends, axes, steps;
};
} // namespace

static SliceLists sliceLists(Binder &b) {
  bool asInputs = b.version() >= 10;
  int64_t rank = b.rank(0);
  auto list = [&](size_t i, StringRef name) {
    if (asInputs)
      return b.sizesOf(i, ("slice_" + name).str());
    return b.sizesAttr(name).value_or(llm::Dims());
  };
  SliceLists s;
  s.starts = list(1, "starts");
  s.ends = list(2, "ends");
  if (asInputs && b.has(3))
    s.axes = axesFrom(b, 3, rank);
  else if (!asInputs && b.attr("axes"))
    s.axes = axesFrom(b, *b.intsAttr("axes"), rank);
  else
    for (size_t i = 0; i < s.starts.size(); ++i)
      s.axes.push_back(b.constantDim(b.axis(i, rank)));
  if (asInputs && b.has(4))
    s.steps = b.sizesOf(4, "slice_step", {.nonZero = true});
  else
    s.steps.assign(s.starts.size(), b.constantDim(1));
  size_t n = s.starts.size();
  if (s.ends.size() != n || s.axes.size() != n || s.steps.size() != n)
    b.fail("starts, ends, axes and steps of different lengths");
  requireDistinct(b, s.axes);
  for (llm::Dim step : s.steps)
    if (llm::fixedDim(step) == INT64_MIN)
      b.fail("a step of " + Twine(INT64_MIN));
  return s;
}

/// The part of axis i that the lists name; nothing where none of them does.
static std::optional<Range> rangeOf(Binder &b, const SliceLists &s, int64_t i,
                                    llm::Dim size) {
  std::optional<Range> r;
  for (size_t k = 0; k < s.axes.size(); ++k) {
    llm::Dim here = b.sizes.equals(s.axes[k], b.constantDim(i));
    if (llm::fixedDim(here) == 0)
      continue;
    Range other = r.value_or(Range{b.constantDim(0), size, b.constantDim(1)});
    r = Range{b.sizes.select(here, s.starts[k], other.start),
              b.sizes.select(here, s.ends[k], other.end),
              b.sizes.select(here, s.steps[k], other.step)};
  }
  return r;
}

/// Elements start, start + step, ... of an axis, where the step is no number.
static Value strided(Binder &b, Value x, int64_t axis, Part part,
                     llm::Dim step) {
  Type index = b.builder.getI64Type();
  Value indices = b.makeAs<llm::RangeOp>(
      b.tensor(part.count, index),
      {b.scalarSize(part.start, index), b.scalarSize(step, index)});
  return b.make<llm::GatherOp>({x, indices}, b.named("axis", axis));
}

static void importSlice(Binder &b) {
  SliceLists lists = sliceLists(b);
  llm::Dims dims = b.dims(0), sizes = dims;
  int64_t rank = dims.size();
  llm::Dims from(rank, b.constantDim(0));
  SmallVector<int64_t> strides(rank, 1);
  Value x = b.in(0);
  for (int64_t i = 0; i < rank; ++i) {
    auto range = rangeOf(b, lists, i, dims[i]);
    if (!range)
      continue;
    Part part = SliceMath(b, dims[i]).part(*range);
    sizes[i] = part.count;
    if (auto step = llm::fixedDim(range->step)) {
      from[i] = part.start;
      strides[i] = *step;
    } else {
      x = strided(b, x, i, part, range->step);
    }
  }
  bool isWhole =
      llvm::all_of(strides, [](int64_t s) { return s == 1; }) &&
      llvm::all_of(from, [](llm::Dim d) { return llm::fixedDim(d) == 0; });
  if (isWhole && sizes == llm::dimsOf(x))
    return x == b.in(0) ? b.set(0, b.entry(0)) : b.set(0, x);
  b.set(0, b.makeAs<llm::SliceOp>(
               b.tensor(sizes, b.element(0)), x,
               {b.named("starts", llm::dimsAttr(b.ctx, from)),
                b.named("steps", b.builder.getDenseI64ArrayAttr(strides))}));
}

static void importSplit(Binder &b) {
  llm::Dims dims = b.dims(0);
  int64_t axis = b.axisAttr("axis", 0, dims.size());
  llm::Dims sizes;
  int64_t parts = b.numOutputs();
  if (b.version() < 13) {
    sizes = b.sizesAttr("split").value_or(llm::Dims());
  } else if (b.has(1)) {
    if (b.attr("num_outputs"))
      b.fail("sizes and num_outputs are both given");
    sizes = b.sizesOf(1, "split_size", {.least = 0});
  }
  if (sizes.empty()) {
    if (b.intAttr("num_outputs", parts) != parts)
      b.fail("num_outputs is not the number of outputs");
    // The last part is smaller where it does not divide.
    llm::Dim each = b.sizes.ceilDiv(dims[axis], parts);
    sizes.assign(parts - 1, each);
    sizes.push_back(llm::simplified(dims[axis] - each * (parts - 1)));
  }
  if (static_cast<int64_t>(sizes.size()) != parts)
    b.fail("splits into " + Twine(sizes.size()) + " parts for " + Twine(parts) +
           " outputs");
  llm::Dim total = b.constantDim(0);
  for (llm::Dim s : sizes) {
    if (b.sizes.isNegative(s))
      b.fail("a part of negative size");
    total = llm::simplified(total + s);
  }
  auto given = llm::fixedDim(total), whole = llm::fixedDim(dims[axis]);
  if (given && whole && *given != *whole)
    b.fail("splits " + Twine(*whole) + " elements into parts of " +
           Twine(*given));
  b.requireEqual(total, dims[axis]);
  llm::Dim at = b.constantDim(0);
  for (auto [i, s] : llvm::enumerate(sizes)) {
    if (b.isUsed(i))
      b.set(i, b.slice(b.in(0), axis, at, s));
    at = llm::simplified(at + s);
  }
}

void addSliceRules(RuleTable &rules) {
  rules.add({"Slice"}, importSlice);
  rules.add({"Split"}, importSplit);
}

} // namespace llmc::onnx
