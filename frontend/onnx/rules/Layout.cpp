// SPDX-License-Identifier: Apache-2.0
// Reshape, transpose, slices, concatenation: sizes become expressions here.
#include "frontend/onnx/Rule.h"

using namespace mlir;

namespace llmc::onnx {

/// The axes of an op that took them as an attribute before `sinceInput`.
static std::optional<SmallVector<int64_t>> axesOf(Binder &b,
                                                  int64_t sinceInput) {
  if (b.version() < sinceInput)
    return b.intsAttr("axes");
  if (!b.has(1))
    return std::nullopt;
  auto axes = b.fixedInts(1);
  if (!axes)
    b.unsupported("axes that depend on the data are not supported");
  return axes;
}

/// 0 copies a size, -1 is what remains.
static void importReshape(Binder &b) {
  llm::Dims from = b.dims(0), to;
  if (b.version() < 5) {
    auto shape = b.intsAttr("shape");
    if (!shape)
      b.fail("attribute shape is missing");
    for (int64_t d : *shape)
      to.push_back(b.constantDim(d));
  } else {
    const Content *shape = b.content(1);
    if (!shape || shape->isFloat)
      b.unsupported("a shape that depends on the data is not supported");
    to = shape->ints;
  }
  bool allowZero = b.intAttr("allowzero", 0);
  int64_t open = -1;
  for (auto [i, d] : llvm::enumerate(to)) {
    auto fixed = llm::fixedDim(d);
    if (fixed == 0 && !allowZero) {
      if (i >= from.size())
        b.fail("shape copies a size that the input does not have");
      d = from[i];
    } else if (fixed == -1) {
      if (open >= 0)
        b.fail("shape leaves two sizes open");
      open = i;
    } else if (fixed && *fixed < 0) {
      b.fail("shape has the size " + Twine(*fixed));
    }
  }
  if (open >= 0) {
    llm::Dims others(to);
    others.erase(others.begin() + open);
    if (llm::fixedDim(llm::productOf(b.ctx, others)) == 0)
      to[open] = b.constantDim(0);
    else
      to[open] = b.sizes.quotient(from, others);
  }
  b.set(0, b.reshape(b.in(0), to));
}

static void importFlatten(Binder &b) {
  llm::Dims from = b.dims(0);
  int64_t rank = from.size(), axis = b.intAttr("axis", 1);
  if (axis < -rank || axis > rank)
    b.fail("axis " + Twine(axis) + " is outside rank " + Twine(rank));
  if (axis < 0)
    axis += rank;
  llm::Dim first = llm::productOf(b.ctx, ArrayRef(from).take_front(axis)),
           second = llm::productOf(b.ctx, ArrayRef(from).drop_front(axis));
  b.set(0, b.reshape(b.in(0), {first, second}));
}

static void importSqueeze(Binder &b) {
  auto axes = axesOf(b, 13);
  llm::Dims from = b.dims(0), to;
  llvm::SmallDenseSet<int64_t> gone;
  if (axes)
    for (int64_t a : *axes)
      gone.insert(b.axis(a, from.size()));
  for (auto [i, d] : llvm::enumerate(from)) {
    bool drop = axes ? gone.contains(i) : llm::fixedDim(d) == 1;
    if (!drop)
      to.push_back(d);
    else if (llm::fixedDim(d).value_or(1) != 1)
      b.fail("squeezes axis " + Twine(i) + " of size " +
             Twine(*llm::fixedDim(d)));
  }
  b.set(0, b.reshape(b.in(0), to));
}

/// Axes count in the result's rank, in every version.
static void importUnsqueeze(Binder &b) {
  auto axes = axesOf(b, 13);
  if (!axes)
    b.fail("axes are missing");
  llm::Dims dims = b.dims(0);
  int64_t rank = dims.size() + axes->size();
  SmallVector<int64_t> sorted;
  for (int64_t a : *axes)
    sorted.push_back(b.axis(a, rank));
  llvm::sort(sorted);
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    b.fail("an axis is given twice");
  for (int64_t a : sorted)
    dims.insert(dims.begin() + a, b.constantDim(1));
  b.set(0, b.reshape(b.in(0), dims));
}

static void importTranspose(Binder &b) {
  int64_t rank = b.rank(0);
  SmallVector<int64_t> perm;
  if (auto given = b.intsAttr("perm")) {
    for (int64_t p : *given) {
      if (p < 0) // not counted from the end, unlike an axis
        b.fail("perm holds " + Twine(p));
      perm.push_back(b.axis(p, rank));
    }
  } else {
    perm = upTo(rank);
    std::reverse(perm.begin(), perm.end());
  }
  b.set(0, b.transpose(b.in(0), perm));
}

static void importExpand(Binder &b) {
  const Content *shape = b.content(1);
  if (!shape || shape->isFloat)
    b.unsupported("a shape that depends on the data is not supported");
  for (llm::Dim d : shape->ints)
    if (b.sizes.isNegative(d))
      b.fail("shape has a negative size");
  auto dims = llm::broadcastDims(b.dims(0), shape->ints, &b.sizes.table());
  if (failed(dims))
    b.fail("the input does not broadcast to the shape");
  b.set(0, b.expand(b.in(0), *dims));
}

/// Every axis i becomes [repeats, size], then one axis again.
static void importTile(Binder &b) {
  const Content *repeats = b.content(1);
  llm::Dims from = b.dims(0), split, wide, to;
  if (!repeats || repeats->isFloat)
    b.unsupported("repeats that depend on the data are not supported");
  if (repeats->size() != from.size())
    b.fail("needs one repeat per axis");
  for (auto [d, r] : llvm::zip(from, repeats->ints)) {
    if (b.sizes.isNegative(r))
      b.fail("a negative repeat");
    split.append({b.constantDim(1), d});
    wide.append({r, d});
    to.push_back(llm::simplified(r * d));
  }
  Value x = b.reshape(b.in(0), split);
  b.set(0, b.reshape(b.expand(x, wide), to));
}

static void importConcat(Binder &b) {
  int64_t axis = b.version() < 4 ? b.axisAttr("axis", 1, b.rank(0))
                                 : b.axis(b.requiredInt("axis"), b.rank(0));
  SmallVector<Value> parts;
  for (size_t i = 0; i < b.numInputs(); ++i) {
    if (b.rank(i) != b.rank(0) || b.element(i) != b.element(0))
      b.fail("inputs of different ranks or element types");
    // Nothing of fixed size 0 along the axis adds nothing.
    if (b.numInputs() > 1 && llm::fixedDim(b.dims(i)[axis]) == 0)
      continue;
    parts.push_back(b.in(i));
  }
  if (parts.empty())
    parts.push_back(b.in(0));
  b.set(0, b.concat(parts, axis));
}

namespace {
/// One axis of a slice: first element and count, where symbols allow to say.
struct Range {
  llm::Dim start, count;
};
} // namespace

/// A bound of a slice along an axis of `size`, before clamping: negative ones
/// count from the end.
static llm::Dim fromEnd(Binder &b, llm::Dim bound, llm::Dim size) {
  if (auto fixed = llm::fixedDim(bound))
    return *fixed < 0 ? llm::simplified(size + *fixed) : bound;
  if (b.sizes.isNonNegative(bound))
    return bound;
  // -n of a size n: a length of 0 has no meaning here.
  if (b.sizes.upperBound(bound).value_or(1) <= 0)
    return llm::simplified(size + bound);
  b.unsupported("a slice bound of unknown sign (" +
                b.sizes.table().print(bound) + ") is not supported");
}

static Range sliceRange(Binder &b, llm::Dim start, llm::Dim end, int64_t step,
                        llm::Dim size) {
  constexpr int64_t kFar = int64_t(1) << 31;
  llm::Dim zero = b.constantDim(0), last = llm::simplified(size - 1);
  auto s = llm::fixedDim(start), e = llm::fixedDim(end);
  SizeMath &math = b.sizes;
  if (step > 0) {
    llm::Dim first =
        s && *s >= kFar ? size
        : s && *s <= -kFar
            ? zero
            : math.min(math.max(fromEnd(b, start, size), zero), size);
    llm::Dim stop = e && *e >= kFar ? size
                    : e && *e <= -kFar
                        ? zero
                        : math.min(math.max(fromEnd(b, end, size), zero), size);
    llm::Dim length = math.max(llm::simplified(stop - first), zero);
    return {first, math.ceilDiv(length, step)};
  }
  llm::Dim first =
      s && *s >= kFar ? last
      : s && *s <= -kFar
          ? zero
          : math.min(math.max(fromEnd(b, start, size), zero), last);
  llm::Dim before = b.constantDim(-1);
  llm::Dim stop = e && *e <= -kFar ? before
                  : e && *e >= kFar
                      ? last
                      : math.max(math.min(fromEnd(b, end, size), last), before);
  llm::Dim length = math.max(llm::simplified(first - stop), zero);
  return {first, math.ceilDiv(length, -step)};
}

static void importSlice(Binder &b) {
  bool asInputs = b.version() >= 10;
  auto list = [&](size_t i, StringRef name) -> std::optional<llm::Dims> {
    if (!asInputs) {
      auto ints = b.intsAttr(name);
      if (!ints)
        return std::nullopt;
      llm::Dims dims;
      for (int64_t v : *ints)
        dims.push_back(b.constantDim(v));
      return dims;
    }
    if (!b.has(i))
      return std::nullopt;
    const Content *c = b.content(i);
    if (c && !c->isFloat)
      return c->ints;
    if (b.type(i).hasStaticShape() && b.type(i).getNumElements() == 1)
      return llm::Dims{b.bindDim(b.in(i), "slice_" + name.str())};
    b.unsupported(name + " that depend on the data are not supported");
  };
  auto starts = list(1, "starts"), ends = list(2, "ends"),
       axes = list(3, "axes"), steps = list(4, "steps");
  if (!starts || !ends || starts->size() != ends->size() ||
      (axes && axes->size() != starts->size()) ||
      (steps && steps->size() != starts->size()))
    b.fail("starts, ends, axes and steps of different lengths");
  llm::Dims dims = b.dims(0), from(dims.size(), b.constantDim(0));
  llm::Dims sizes = dims;
  SmallVector<int64_t> strides(dims.size(), 1);
  llvm::SmallSet<int64_t, 8> seen;
  for (size_t i = 0; i < starts->size(); ++i) {
    auto a = axes ? llm::fixedDim((*axes)[i]) : std::optional<int64_t>(i);
    auto step = steps ? llm::fixedDim((*steps)[i]) : std::optional<int64_t>(1);
    if (!a || !step)
      b.unsupported("axes or steps that depend on sizes are not supported");
    int64_t axis = b.axis(*a, dims.size());
    if (!seen.insert(axis).second)
      b.fail("axis " + Twine(axis) + " is listed twice");
    if (*step == 0 || *step == INT64_MIN)
      b.fail("a step of " + Twine(*step));
    Range r = sliceRange(b, (*starts)[i], (*ends)[i], *step, dims[axis]);
    from[axis] = r.start;
    sizes[axis] = r.count;
    strides[axis] = *step;
  }
  if (sizes == dims && llvm::all_of(strides, [](int64_t s) { return s == 1; }))
    return b.set(0, b.entry(0));
  b.set(0, b.makeAs<llm::SliceOp>(
               b.tensor(sizes, b.element(0)), b.in(0),
               {b.named("starts", llm::dimsAttr(b.ctx, from)),
                b.named("steps", b.builder.getDenseI64ArrayAttr(strides))}));
}

static void importSplit(Binder &b) {
  llm::Dims dims = b.dims(0);
  int64_t axis = b.axisAttr("axis", 0, dims.size());
  llm::Dims sizes;
  int64_t parts = b.numOutputs();
  if (b.version() < 13) {
    if (auto split = b.intsAttr("split"))
      for (int64_t s : *split)
        sizes.push_back(b.constantDim(s));
  } else if (b.has(1)) {
    if (b.attr("num_outputs"))
      b.fail("sizes and num_outputs are both given");
    const Content *split = b.content(1);
    if (!split || split->isFloat)
      b.unsupported("sizes that depend on the data are not supported");
    sizes = split->ints;
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
  llm::Dim at = b.constantDim(0);
  for (auto [i, s] : llvm::enumerate(sizes)) {
    if (b.sizes.isNegative(s))
      b.fail("a part of negative size");
    if (b.isUsed(i))
      b.set(i, b.slice(b.in(0), axis, at, s));
    at = llm::simplified(at + s);
  }
  auto total = llm::fixedDim(at), whole = llm::fixedDim(dims[axis]);
  if (total && whole && *total != *whole)
    b.fail("splits " + Twine(*whole) + " elements into parts of " +
           Twine(*total));
}

/// Pads of constant mode; negative pads cut.
static void importPad(Binder &b) {
  if (b.stringAttr("mode", "constant") != "constant")
    b.unsupported("mode " + b.stringAttr("mode", "") + " is not supported");
  llm::Dims dims = b.dims(0), pads;
  if (b.version() < 11) {
    auto list = b.intsAttr(b.version() < 2 ? "paddings" : "pads");
    if (!list)
      b.fail("attribute pads is missing");
    for (int64_t p : *list)
      pads.push_back(b.constantDim(p));
  } else {
    const Content *c = b.content(1);
    if (!c || c->isFloat)
      b.unsupported("pads that depend on the data are not supported");
    pads = c->ints;
  }
  SmallVector<int64_t> axes = upTo(dims.size());
  if (b.has(3)) {
    auto given = b.fixedInts(3);
    if (!given)
      b.unsupported("axes that depend on the data are not supported");
    axes = *given;
  }
  if (pads.size() != 2 * axes.size())
    b.fail("needs two pads per axis");
  llm::Dims before(dims.size(), b.constantDim(0)), to = dims;
  Value x = b.in(0);
  for (auto [i, a] : llvm::enumerate(axes)) {
    int64_t axis = b.axis(a, dims.size());
    llm::Dim front = pads[i], back = pads[axes.size() + i];
    if (!b.sizes.isNonNegative(front) || !b.sizes.isNonNegative(back))
      b.unsupported("negative pads are not supported");
    before[axis] = front;
    to[axis] = llm::simplified(to[axis] + front + back);
  }
  Value value = b.version() >= 11 ? b.maybe(2) : Value();
  Type element = b.element(0);
  if (!value && isa<FloatType>(element))
    value = b.scalarFloat(element, b.floatAttr("value", 0.0));
  if (!value)
    value = b.constant(denseInts(RankedTensorType::get({}, element), 0));
  b.set(0,
        b.makeAs<llm::PadOp>(b.tensor(to, element), {x, b.reshape(value, {})},
                             b.named("before", llm::dimsAttr(b.ctx, before))));
}

static void importTrilu(Binder &b) {
  SmallVector<Value> operands = {b.in(0)};
  if (Value k = b.maybe(1))
    operands.push_back(k);
  SmallVector<NamedAttribute> attrs;
  if (b.intAttr("upper", 1))
    attrs.push_back(b.named("upper", b.builder.getUnitAttr()));
  b.set(0, b.make<llm::TriluOp>(operands, attrs));
}

void addLayoutRules(RuleTable &rules) {
  rules.add({"Reshape"}, importReshape);
  rules.add({"Flatten"}, importFlatten);
  rules.add({"Squeeze"}, importSqueeze);
  rules.add({"Unsqueeze"}, importUnsqueeze);
  rules.add({"Transpose"}, importTranspose);
  rules.add({"Expand"}, importExpand);
  rules.add({"Tile"}, importTile);
  rules.add({"Concat"}, importConcat);
  rules.add({"Slice"}, importSlice);
  rules.add({"Split"}, importSplit);
  rules.add({"Pad"}, importPad);
  rules.add({"Trilu"}, importTrilu);
}

} // namespace llmc::onnx
