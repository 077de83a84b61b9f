// SPDX-License-Identifier: Apache-2.0
// Reshape, transpose, slices, concatenation: sizes become expressions here.
#include "frontend/onnx/rules/Axes.h"
#include "frontend/onnx/rules/Sizes.h"

using namespace mlir;

namespace llmc::onnx {

static llm::Dims reshapeSizes(Binder &b) {
  if (b.version() >= 5)
    return b.sizesOf(1, "reshape_size", {.least = -1});
  auto shape = b.sizesAttr("shape");
  if (!shape)
    b.fail("attribute shape is missing");
  return *shape;
}

/// 0 copies a size, -1 is what remains: any element that only the data gives
/// may be either, and a second -1 becomes a size that fails the call.
static void importReshape(Binder &b) {
  llm::Dims from = b.dims(0), to = reshapeSizes(b);
  SizeMath &math = b.sizes;
  llm::Dim zero = b.constantDim(0), one = b.constantDim(1),
           never = b.constantDim(-2);
  bool allowZero = b.intAttr("allowzero", 0);
  llm::Dims open, others;
  llm::Dim opened = zero;
  for (auto [i, d] : llvm::enumerate(to)) {
    // Sizes of the model's own arithmetic that are symbols are what they say.
    bool isGiven = llm::fixedDim(d) || !math.isNonNegative(d);
    llm::Dim copies = isGiven && !allowZero ? math.equals(d, zero) : zero;
    if (llm::fixedDim(copies) == 1 && i >= from.size())
      b.fail("shape copies a size that the input does not have");
    if (llm::fixedDim(d).value_or(0) < -1)
      b.fail("shape has the size " + Twine(*llm::fixedDim(d)));
    d = math.select(copies, i < from.size() ? from[i] : never, d);
    open.push_back(isGiven ? math.equals(d, b.constantDim(-1)) : zero);
    others.push_back(math.select(open[i], one, d));
    opened = llm::simplified(opened + open[i]);
  }
  if (llm::fixedDim(opened).value_or(0) > 1)
    b.fail("shape leaves two sizes open");
  if (llm::fixedDim(opened) != 0) {
    llm::Dim rest = llm::fixedDim(llm::productOf(b.ctx, others)) == 0
                        ? zero
                        : math.quotient(from, others);
    rest = math.select(math.lessThan(one, opened), never, rest);
    for (auto [d, isOpen] : llvm::zip(to, open))
      d = math.select(isOpen, rest, d);
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

/// One dim of a broadcast of both: the fixed one above 1, as which the other is
/// checked, where there is one.
static llm::Dim expanded(Binder &b, llm::Dim x, llm::Dim y) {
  auto fixed = llm::fixedDim(x) ? llm::fixedDim(x) : llm::fixedDim(y);
  if (x == y || llm::fixedDim(y) == 1)
    return x;
  if (llm::fixedDim(x) == 1)
    return y;
  llm::Dim both = b.sizes.table().broadcast(x, y);
  if (!fixed)
    return both;
  if (llm::fixedDim(x) && llm::fixedDim(y))
    b.fail("the input does not broadcast to the shape");
  b.requireEqual(both, b.constantDim(*fixed));
  return b.constantDim(*fixed);
}

static void importExpand(Binder &b) {
  llm::Dims from = b.dims(0), shape = b.sizesOf(1, "expand_size", {.least = 0});
  for (llm::Dim d : shape)
    if (b.sizes.isNegative(d))
      b.fail("shape has a negative size");
  llm::Dims to = from.size() > shape.size() ? from : shape;
  size_t common = std::min(from.size(), shape.size());
  for (size_t i = 1; i <= common; ++i)
    to[to.size() - i] =
        expanded(b, from[from.size() - i], shape[shape.size() - i]);
  b.set(0, b.expand(b.in(0), to));
}

/// Every axis i becomes [repeats, size], then one axis again.
static void importTile(Binder &b) {
  llm::Dims from = b.dims(0), split, wide, to,
            repeats = b.sizesOf(1, "repeat", {.least = 0});
  if (repeats.size() != from.size())
    b.fail("needs one repeat per axis");
  for (auto [d, r] : llvm::zip(from, repeats)) {
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
    for (int64_t d = 0; d < b.rank(0); ++d)
      if (d != axis)
        requireEqual(b, b.dims(i)[d], llm::dimsOf(parts[0])[d],
                     "inputs with sizes");
  }
  if (parts.empty())
    parts.push_back(b.in(0));
  b.set(0, b.concat(parts, axis));
}

static llm::Dims padsOf(Binder &b) {
  if (b.version() >= 11)
    return b.sizesOf(1, "pad");
  auto pads = b.sizesAttr(b.version() < 2 ? "paddings" : "pads");
  if (!pads)
    b.fail("attribute pads is missing");
  return *pads;
}

static Value padValue(Binder &b) {
  if (Value given = b.version() >= 11 ? b.maybe(2) : Value())
    return b.reshape(given, {});
  Type element = b.element(0);
  if (isa<FloatType>(element))
    return b.scalarFloat(element,
                         b.version() >= 11 ? 0.0 : b.floatAttr("value", 0.0));
  return b.constant(denseInts(RankedTensorType::get({}, element), 0));
}

/// Negative pads cut.
static void importPad(Binder &b) {
  auto mode = llm::symbolizePadMode(b.stringAttr("mode", "constant"));
  if (!mode)
    b.fail("there is no mode " + b.stringAttr("mode", ""));
  llm::Dims dims = b.dims(0), pads = padsOf(b), axes;
  int64_t rank = dims.size();
  axes = b.has(3) ? axesFrom(b, 3, rank) : axesFrom(b, upTo(rank), rank);
  if (pads.size() != 2 * axes.size())
    b.fail("needs two pads per axis");
  llm::Dims before, to;
  for (int64_t i = 0; i < rank; ++i) {
    llm::Dim front = b.constantDim(0), back = front;
    for (auto [k, a] : llvm::enumerate(axes)) {
      llm::Dim here = b.sizes.equals(a, b.constantDim(i));
      front = b.sizes.select(here, pads[k], front);
      back = b.sizes.select(here, pads[axes.size() + k], back);
    }
    before.push_back(front);
    to.push_back(llm::simplified(dims[i] + front + back));
    if (b.sizes.isNegative(to[i]))
      b.fail("pads leave axis " + Twine(i) + " a negative size");
    // There is nothing to repeat in an axis of no elements.
    if (*mode != llm::PadMode::Constant && !b.sizes.isNegative(-dims[i]))
      b.requireAtMost(to[i],
                      b.sizes.select(b.sizes.equals(dims[i], b.constantDim(0)),
                                     b.constantDim(0), to[i]));
  }
  b.set(0, b.makeAs<llm::PadOp>(
               b.tensor(to, b.element(0)), {b.in(0), padValue(b)},
               {b.named("before", llm::dimsAttr(b.ctx, before)),
                b.named("mode", llm::PadModeAttr::get(b.ctx, *mode))}));
}

/// Every axis cut or padded with zeros around its middle; what is odd goes
/// behind.
static void importCenterCropPad(Binder &b) {
  llm::Dims dims = b.dims(0), sizes = b.sizesOf(1, "size", {.least = 0});
  int64_t rank = dims.size();
  auto list = b.intsAttr("axes");
  llm::Dims axes = axesFrom(b, list ? *list : upTo(rank), rank), to = dims;
  if (sizes.size() != axes.size())
    b.fail("needs one size per axis");
  llm::Dim zero = b.constantDim(0);
  llm::Dims before(rank, zero);
  for (auto [a, size] : llvm::zip(axes, sizes)) {
    int64_t i = *llm::fixedDim(a);
    llm::Dim more = b.sizes.max(llm::simplified(size - dims[i]), zero),
             less = b.sizes.max(llm::simplified(dims[i] - size), zero);
    before[i] = llm::simplified(more.floorDiv(2) - less.floorDiv(2));
    to[i] = size;
  }
  Type element = b.element(0);
  Value nothing = isa<FloatType>(element) ? b.scalarFloat(element, 0.0)
                                          : b.scalarSize(zero, element);
  b.set(0,
        b.makeAs<llm::PadOp>(b.tensor(to, element), {b.in(0), nothing},
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

void addAxesRules(RuleTable &);  // LayoutAxes.cpp
void addSliceRules(RuleTable &); // LayoutSlice.cpp

void addLayoutRules(RuleTable &rules) {
  addAxesRules(rules);
  addSliceRules(rules);
  rules.add({"Reshape"}, importReshape);
  rules.add({"Flatten"}, importFlatten);
  rules.add({"Transpose"}, importTranspose);
  rules.add({"Expand"}, importExpand);
  rules.add({"Tile"}, importTile);
  rules.add({"Concat"}, importConcat);
  rules.add({"Pad"}, importPad);
  rules.add({"CenterCropPad"}, importCenterCropPad);
  rules.add({"Trilu"}, importTrilu);
}

} // namespace llmc::onnx
