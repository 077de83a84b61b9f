// SPDX-License-Identifier: Apache-2.0
// Shape arithmetic on contents: what exporters compute of sizes never becomes
// tensor kernels. A function here returns false where the result does not
// follow from known elements; the op's rule then makes ops.
#include "frontend/onnx/Rule.h"
#include "frontend/onnx/SmallTensor.h"

#include <cmath>

using namespace mlir;

namespace llmc::onnx {

namespace {

Shape shapeOf(Binder &b, size_t i) { return Shape(b.type(i).getShape()); }

bool setPicked(Binder &b, ArrayRef<int64_t> shape, ArrayRef<int64_t> source) {
  Content c = picked(*b.content(0), source);
  b.setContent(0, RankedTensorType::get(shape, b.element(0)), std::move(c));
  return true;
}

/// The same elements in another shape.
bool setReshaped(Binder &b, ArrayRef<int64_t> shape) {
  Content c = *b.content(0);
  b.setContent(0, RankedTensorType::get(shape, b.element(0)), std::move(c));
  return true;
}

bool evalShape(Binder &b) {
  llm::Dims dims = b.dims(0);
  int64_t rank = dims.size();
  auto clamp = [&](int64_t i) {
    return std::clamp<int64_t>(i < 0 ? i + rank : i, 0, rank);
  };
  int64_t start = clamp(b.intAttr("start", 0)),
          end = std::max(start, clamp(b.intAttr("end", rank)));
  llm::Dims part(ArrayRef(dims).slice(start, end - start));
  int64_t n = part.size();
  b.setContent(0, RankedTensorType::get({n}, b.builder.getI64Type()),
               Content::of(std::move(part)));
  return true;
}

bool evalSize(Binder &b) {
  llm::Dim n = llm::productOf(b.ctx, b.dims(0));
  b.setContent(0, RankedTensorType::get({}, b.builder.getI64Type()),
               Content::of(llm::Dims{n}));
  return true;
}

bool evalGather(Binder &b) {
  auto indices = b.fixedInts(1);
  if (!b.content(0) || !indices)
    return false;
  Shape shape = shapeOf(b, 0), index = shapeOf(b, 1);
  int64_t axis = b.axisAttr("axis", 0, shape.size());
  int64_t size = shape[axis];
  Shape result(shape.begin(), shape.begin() + axis);
  result.append(index);
  result.append(shape.begin() + axis + 1, shape.end());
  int64_t inner = elementsOf(ArrayRef(shape).drop_front(axis + 1)),
          outer = elementsOf(ArrayRef(shape).take_front(axis));
  if (elementsOf(result) > kMaxContent)
    return false;
  SmallVector<int64_t> source;
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i : *indices) {
      if (i < -size || i >= size)
        b.fail("index " + Twine(i) + " is outside a dimension of " +
               Twine(size));
      for (int64_t k = 0; k < inner; ++k)
        source.push_back((o * size + (i < 0 ? i + size : i)) * inner + k);
    }
  return setPicked(b, result, source);
}

bool evalConcat(Binder &b) {
  for (size_t i = 0; i < b.numInputs(); ++i)
    if (!b.content(i) || b.rank(i) != 1 || b.element(i) != b.element(0))
      return false;
  b.axisAttr("axis", b.version() < 4 ? 1 : 0, 1);
  Content all;
  all.isFloat = b.content(0)->isFloat;
  for (size_t i = 0; i < b.numInputs(); ++i) {
    all.ints.append(b.content(i)->ints);
    all.floats.append(b.content(i)->floats);
  }
  int64_t n = all.size();
  if (n > kMaxContent)
    return false;
  b.setContent(0, RankedTensorType::get({n}, b.element(0)), std::move(all));
  return true;
}

/// Slice, where all of starts, ends and steps are known numbers, or sizes that
/// end the axis.
bool evalSlice(Binder &b) {
  auto list = [&](size_t i, StringRef name) {
    return b.version() < 10 ? b.intsAttr(name) : b.fixedInts(i);
  };
  auto starts = list(1, "starts"), ends = list(2, "ends");
  bool hasAxes = b.version() < 10 ? bool(b.attr("axes")) : b.has(3);
  bool hasSteps = b.version() >= 10 && b.has(4);
  auto axes = hasAxes ? list(3, "axes") : std::nullopt;
  auto steps = hasSteps ? b.fixedInts(4) : std::nullopt;
  if (!b.content(0) || !starts || !ends || (hasAxes && !axes) ||
      (hasSteps && !steps) || ends->size() != starts->size() ||
      (axes && axes->size() != starts->size()) ||
      (steps && steps->size() != starts->size()))
    return false;
  Shape shape = shapeOf(b, 0), strides = stridesOf(shape), result = shape;
  int64_t first = 0, rank = shape.size();
  for (size_t i = 0; i < starts->size(); ++i) {
    int64_t a = b.axis(axes ? (*axes)[i] : i, rank), size = shape[a];
    int64_t step = steps ? (*steps)[i] : 1, s = (*starts)[i], e = (*ends)[i];
    if (step == 0 || step < -kMaxContent || step > kMaxContent)
      return false;
    s = s < 0 ? std::max<int64_t>(s, -size) + size : s;
    e = e < 0 ? std::max<int64_t>(e, -size - 1) + size : e;
    s = std::clamp<int64_t>(s, 0,
                            step > 0 ? size : std::max<int64_t>(size - 1, 0));
    e = std::clamp<int64_t>(e, step > 0 ? 0 : -1, size);
    int64_t count =
        step > 0 ? (e - s + step - 1) / step : (s - e - step - 1) / -step;
    result[a] = std::max<int64_t>(count, 0);
    first += s * strides[a];
    strides[a] *= step;
  }
  return setPicked(b, result, stridedSource(result, strides, first));
}

bool evalTranspose(Binder &b) {
  if (!b.content(0))
    return false;
  Shape shape = shapeOf(b, 0), strides = stridesOf(shape), result, moved;
  auto perm = b.intsAttr("perm");
  if (!perm) {
    perm = upTo(shape.size());
    std::reverse(perm->begin(), perm->end());
  }
  if (perm->size() != shape.size())
    return false;
  for (int64_t p : *perm) {
    int64_t a = b.axis(p, shape.size());
    result.push_back(shape[a]);
    moved.push_back(strides[a]);
  }
  if (elementsOf(result) != elementsOf(shape))
    return false;
  return setPicked(b, result, stridedSource(result, moved, 0));
}

bool evalReshape(Binder &b) {
  auto to = b.version() < 5 ? b.intsAttr("shape") : b.fixedInts(1);
  if (!b.content(0) || !to)
    return false;
  Shape from = shapeOf(b, 0), shape;
  int64_t known = 1, open = -1;
  for (auto [i, d] : llvm::enumerate(*to)) {
    if (d == 0 && !b.intAttr("allowzero", 0) && i < from.size())
      d = from[i];
    if (d == -1)
      open = i;
    else if (d < 0 || d > kMaxContent)
      return false;
    else
      known *= d;
    if (known > kMaxContent)
      return false;
    shape.push_back(d);
  }
  int64_t n = elementsOf(from);
  if (open >= 0 && known > 0)
    shape[open] = n / known;
  if (llvm::is_contained(shape, -1) || elementsOf(shape) != n)
    return false;
  return setReshaped(b, shape);
}

bool evalExpand(Binder &b) {
  auto to = b.fixedInts(1);
  if (!b.content(0) || !to)
    return false;
  for (int64_t d : *to)
    if (d < 0 || d > kMaxContent)
      return false;
  auto shape = broadcastShape(shapeOf(b, 0), *to);
  if (!shape || elementsOf(*shape) > kMaxContent)
    return false;
  return setPicked(b, *shape, broadcastSource(shapeOf(b, 0), *shape));
}

bool evalConstantOfShape(Binder &b) {
  auto shape = b.fixedInts(0);
  if (!shape)
    return false;
  int64_t n = 1;
  for (int64_t d : *shape) {
    if (d < 0 || d > kMaxContent || (n *= d) > kMaxContent)
      return false;
  }
  auto value = dyn_cast_or_null<DenseElementsAttr>(b.attr("value"));
  if (!value) {
    SmallVector<double> zeros(n, 0.0);
    b.setContent(0, RankedTensorType::get(*shape, b.builder.getF32Type()),
                 Content::of(std::move(zeros)));
    return true;
  }
  Type element = value.getElementType();
  auto type = RankedTensorType::get(*shape, element);
  if (value.getNumElements() != 1)
    b.fail("attribute value needs one element");
  if (isa<FloatType>(element)) {
    double v = (*value.getValues<APFloat>().begin()).convertToDouble();
    b.setContent(0, type, Content::of(SmallVector<double>(n, v)));
    return true;
  }
  auto bits = *value.getValues<APInt>().begin();
  bool isSigned = element.isSignlessInteger() && !element.isInteger(1);
  llm::Dim v = b.constantDim(isSigned ? bits.getSExtValue()
                                      : int64_t(bits.getZExtValue()));
  b.setContent(0, type, Content::of(llm::Dims(n, v)));
  return true;
}

bool evalRange(Binder &b) {
  auto start = b.fixedInts(0), limit = b.fixedInts(1), delta = b.fixedInts(2);
  if (!start || !limit || !delta || start->size() != 1 || limit->size() != 1 ||
      delta->size() != 1)
    return false;
  constexpr int64_t kLimit = int64_t(1) << 40;
  int64_t s = (*start)[0], l = (*limit)[0], d = (*delta)[0];
  if (d == 0)
    b.fail("a range with step 0");
  if (std::abs(s) > kLimit || std::abs(l) > kLimit || std::abs(d) > kLimit)
    return false;
  int64_t n =
      std::max<int64_t>(0, d > 0 ? (l - s + d - 1) / d : (s - l - d - 1) / -d);
  if (n > kMaxContent)
    return false;
  llm::Dims values;
  for (int64_t i = 0; i < n; ++i)
    values.push_back(b.constantDim(s + i * d));
  b.setContent(0, RankedTensorType::get({n}, b.element(0)),
               Content::of(std::move(values)));
  return true;
}

/// Squeeze, Unsqueeze and Flatten change nothing but the shape, which their
/// rules compute.
bool evalSqueeze(Binder &b) {
  auto axes = b.version() < 13 ? b.intsAttr("axes") : b.fixedInts(1);
  bool given = b.version() < 13 ? bool(b.attr("axes")) : b.has(1);
  if (!b.content(0) || (given && !axes))
    return false;
  Shape from = shapeOf(b, 0), shape;
  llvm::SmallSet<int64_t, 8> gone;
  if (axes)
    for (int64_t a : *axes)
      gone.insert(b.axis(a, from.size()));
  for (auto [i, d] : llvm::enumerate(from))
    if (axes ? !gone.count(i) : d != 1)
      shape.push_back(d);
  if (elementsOf(shape) != elementsOf(from))
    b.fail("squeezes an axis that is not of size 1");
  return setReshaped(b, shape);
}

bool evalUnsqueeze(Binder &b) {
  auto axes = b.version() < 13 ? b.intsAttr("axes") : b.fixedInts(1);
  if (!b.content(0) || !axes)
    return false;
  Shape shape = shapeOf(b, 0);
  int64_t rank = shape.size() + axes->size();
  SmallVector<int64_t> sorted;
  for (int64_t a : *axes)
    sorted.push_back(b.axis(a, rank));
  llvm::sort(sorted);
  for (int64_t a : sorted)
    shape.insert(shape.begin() + std::min<size_t>(a, shape.size()), 1);
  return setReshaped(b, shape);
}

bool evalSplit(Binder &b) {
  if (!b.content(0) || b.rank(0) != 1)
    return false;
  auto sizes = b.version() < 13 ? b.intsAttr("split") : b.fixedInts(1);
  int64_t n = b.content(0)->size(), parts = b.numOutputs();
  if (!sizes && b.version() >= 13 && b.has(1))
    return false;
  if (!sizes) {
    if (n % parts)
      return false;
    sizes.emplace(parts, n / parts);
  }
  if (static_cast<int64_t>(sizes->size()) != parts)
    b.fail("splits into " + Twine(sizes->size()) + " parts for " +
           Twine(parts) + " outputs");
  int64_t total = 0;
  for (int64_t s : *sizes) {
    if (s < 0 || s > n)
      return false;
    total += s;
  }
  if (total != n)
    b.fail("splits " + Twine(n) + " elements into parts of " + Twine(total));
  int64_t at = 0;
  for (auto [i, s] : llvm::enumerate(*sizes)) {
    SmallVector<int64_t> source = upTo(s);
    for (int64_t &k : source)
      k += at;
    b.setContent(i, RankedTensorType::get({s}, b.element(0)),
                 picked(*b.content(0), source));
    at += s;
  }
  return true;
}

} // namespace

bool evaluateElementwise(Binder &b); // ElementwiseContent.cpp

bool evaluateOnContents(Binder &b) {
  using Evaluate = bool (*)(Binder &);
  static const llvm::StringMap<Evaluate> table = {
      {"Shape", evalShape},     {"Size", evalSize},
      {"Gather", evalGather},   {"Concat", evalConcat},
      {"Slice", evalSlice},     {"Transpose", evalTranspose},
      {"Reshape", evalReshape}, {"Expand", evalExpand},
      {"Range", evalRange},     {"ConstantOfShape", evalConstantOfShape},
      {"Squeeze", evalSqueeze}, {"Unsqueeze", evalUnsqueeze},
      {"Split", evalSplit}};
  if (!b.node.getOpDomain().empty())
    return false;
  auto it = table.find(b.op());
  if (it != table.end())
    return it->second(b);
  // Before opset 7 operands could broadcast along an axis.
  bool along = b.version() < 7 && b.attr("axis");
  return !along && evaluateElementwise(b);
}

} // namespace llmc::onnx
