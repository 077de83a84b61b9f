// SPDX-License-Identifier: Apache-2.0
// Elementwise ops and reductions on contents: sizes as expressions, floats as
// numbers of their type. Part of the shape arithmetic.
#include "frontend/onnx/Rule.h"
#include "frontend/onnx/SmallTensor.h"

#include <cmath>

using namespace mlir;

namespace llmc::onnx {

namespace {

using MaybeDim = std::optional<llm::Dim>;

/// Expressions that further arithmetic may build on: small enough to stay
/// cheap, numbers small enough not to overflow.
bool isModest(llm::Dim e) {
  unsigned nodes = 0;
  bool ok = true;
  e.walk([&](AffineExpr x) {
    auto c = llm::fixedDim(x);
    ok &= ++nodes < 200 && (!c || std::abs(*c) < (int64_t(1) << 40));
  });
  return ok;
}

/// Both as numbers in an integer type that wraps.
int64_t wrapped(uint64_t v, Type element) {
  unsigned width = element.getIntOrFloatBitWidth();
  if (width >= 64)
    return static_cast<int64_t>(v);
  APInt bits = APInt(64, v).trunc(width);
  return element.isUnsignedInteger() ? bits.getZExtValue()
                                     : bits.getSExtValue();
}

MaybeDim divided(Binder &b, llm::Dim x, llm::Dim y) {
  auto m = llm::fixedDim(x), n = llm::fixedDim(y);
  if (n == 0)
    b.fail("divides sizes by 0");
  if (m && n)
    return b.constantDim(*n == -1 ? -static_cast<uint64_t>(*m) : *m / *n);
  if (!b.sizes.isNonNegative(x) || !b.sizes.isNonNegative(y))
    return std::nullopt;
  return x.floorDiv(y);
}

MaybeDim remainder(Binder &b, llm::Dim x, llm::Dim y) {
  auto m = llm::fixedDim(x), n = llm::fixedDim(y);
  if (n == 0)
    b.fail("divides sizes by 0");
  if (m && n) {
    if (*n == -1)
      return b.constantDim(0);
    int64_t r = *m % *n;
    bool fmod = b.intAttr("fmod", 0);
    return b.constantDim(!fmod && r != 0 && (r < 0) != (*n < 0) ? r + *n : r);
  }
  if (!n || *n < 0 || !b.sizes.isNonNegative(x))
    return std::nullopt;
  return x % *n;
}

MaybeDim truth(Binder &b, std::optional<bool> v) {
  return v ? MaybeDim(b.constantDim(*v)) : std::nullopt;
}

MaybeDim combined(Binder &b, StringRef op, Type element, llm::Dim x,
                  llm::Dim y) {
  auto m = llm::fixedDim(x), n = llm::fixedDim(y);
  bool fixed = m && n;
  if (!fixed && (!isModest(x) || !isModest(y)))
    return std::nullopt;
  if (op == "Equal")
    return truth(b, fixed ? std::optional(*m == *n) : b.sizes.equal(x, y));
  auto number = [&](uint64_t v) { return b.constantDim(wrapped(v, element)); };
  if (op == "Add")
    return fixed ? number(uint64_t(*m) + *n) : x + y;
  if (op == "Sub")
    return fixed ? number(uint64_t(*m) - *n) : x - y;
  if (op == "Mul")
    return fixed ? number(uint64_t(*m) * *n) : x * y;
  if (op == "Div")
    return divided(b, x, y);
  if (op == "Mod")
    return remainder(b, x, y);
  if (op == "Min")
    return fixed ? b.constantDim(std::min(*m, *n)) : b.sizes.min(x, y);
  if (op == "Max")
    return fixed ? b.constantDim(std::max(*m, *n)) : b.sizes.max(x, y);
  if (op == "Less")
    return truth(b, fixed ? std::optional(*m < *n) : b.sizes.less(x, y));
  if (op == "LessOrEqual")
    return truth(b, fixed ? std::optional(*m <= *n) : b.sizes.lessEqual(x, y));
  if (op == "Greater")
    return truth(b, fixed ? std::optional(*m > *n) : b.sizes.less(y, x));
  if (op == "GreaterOrEqual")
    return truth(b, fixed ? std::optional(*m >= *n) : b.sizes.lessEqual(y, x));
  if (!fixed)
    return std::nullopt;
  if (op == "And")
    return b.constantDim(*m & *n);
  if (op == "Or")
    return b.constantDim(*m | *n);
  if (op == "Xor")
    return b.constantDim(*m ^ *n);
  return std::nullopt;
}

/// Plain and correctly rounded: double has more than twice the digits of f32.
std::optional<double> combinedFloat(StringRef op, double x, double y) {
  if (op == "Add")
    return x + y;
  if (op == "Sub")
    return x - y;
  if (op == "Mul")
    return x * y;
  if (op == "Div")
    return x / y;
  if (op == "Pow")
    return std::pow(x, y);
  if (op == "Min")
    return std::isnan(x) || std::isnan(y) ? NAN : std::min(x, y);
  if (op == "Max")
    return std::isnan(x) || std::isnan(y) ? NAN : std::max(x, y);
  return std::nullopt;
}

std::optional<bool> comparedFloat(StringRef op, double x, double y) {
  if (op == "Equal")
    return x == y;
  if (op == "Less")
    return x < y;
  if (op == "LessOrEqual")
    return x <= y;
  if (op == "Greater")
    return x > y;
  if (op == "GreaterOrEqual")
    return x >= y;
  return std::nullopt;
}

bool isComparison(StringRef op) {
  return op == "Equal" || op.starts_with("Less") || op.starts_with("Greater");
}

/// Two contents element by element; the result's element type is `element`.
bool evalBinary(Binder &b) {
  const Content *x = b.content(0), *y = b.content(1);
  if (!x || !y || x->isFloat != y->isFloat || b.numInputs() != 2)
    return false;
  auto shape = broadcastShape(b.type(0).getShape(), b.type(1).getShape());
  if (!shape || elementsOf(*shape) > kMaxContent)
    return false;
  auto first = broadcastSource(b.type(0).getShape(), *shape),
       second = broadcastSource(b.type(1).getShape(), *shape);
  bool compares = isComparison(b.op());
  Type element = b.element(0),
       result = compares ? b.builder.getI1Type() : element;
  Content out;
  out.isFloat = x->isFloat && !compares;
  for (auto [i, j] : llvm::zip(first, second)) {
    if (!x->isFloat) {
      auto v = combined(b, b.op(), element, x->ints[i], y->ints[j]);
      if (!v)
        return false;
      out.ints.push_back(llm::simplified(*v));
    } else if (compares) {
      auto v = comparedFloat(b.op(), x->floats[i], y->floats[j]);
      if (!v)
        return false;
      out.ints.push_back(b.constantDim(*v));
    } else {
      auto v = combinedFloat(b.op(), x->floats[i], y->floats[j]);
      if (!v)
        return false;
      out.floats.push_back(roundedTo(element, *v));
    }
  }
  b.setContent(0, RankedTensorType::get(*shape, result), std::move(out));
  return true;
}

std::optional<double> unaryFloat(StringRef op, double x) {
  if (op == "Neg")
    return -x;
  if (op == "Abs")
    return std::fabs(x);
  if (op == "Sqrt")
    return std::sqrt(x);
  if (op == "Reciprocal")
    return 1 / x;
  if (op == "Floor")
    return std::floor(x);
  if (op == "Ceil")
    return std::ceil(x);
  return std::nullopt;
}

bool evalUnary(Binder &b) {
  const Content *x = b.content(0);
  if (!x)
    return false;
  Content out;
  out.isFloat = x->isFloat;
  for (double v : x->floats) {
    auto r = unaryFloat(b.op(), v);
    if (!r)
      return false;
    out.floats.push_back(roundedTo(b.element(0), *r));
  }
  for (llm::Dim d : x->ints) {
    auto fixed = llm::fixedDim(d);
    if (b.op() == "Neg" && isModest(d))
      out.ints.push_back(llm::simplified(-d));
    else if (b.op() == "Abs" && b.sizes.isNonNegative(d))
      out.ints.push_back(d);
    else if (b.op() == "Not" && fixed)
      out.ints.push_back(b.constantDim(*fixed == 0));
    else
      return false;
  }
  b.setContent(0, b.type(0), std::move(out));
  return true;
}

MaybeDim castInt(Binder &b, llm::Dim d, Type to) {
  auto fixed = llm::fixedDim(d);
  if (to.isInteger(1)) {
    if (fixed)
      return b.constantDim(*fixed != 0);
    return truth(b, b.sizes.lowerBound(d).value_or(0) > 0 ? std::optional(true)
                                                          : std::nullopt);
  }
  if (fixed)
    return b.constantDim(wrapped(*fixed, to));
  return to.getIntOrFloatBitWidth() >= 32 ? MaybeDim(d) : std::nullopt;
}

MaybeDim castFloat(Binder &b, double v, Type to) {
  if (to.isInteger(1))
    return b.constantDim(v != 0);
  // Whole numbers that fit; what doesn't is left to the conversion op.
  auto number = static_cast<int64_t>(std::fabs(v) < 2147483648.0 ? v : 0);
  if (!(std::fabs(v) < 2147483648.0) || wrapped(number, to) != number)
    return std::nullopt;
  return b.constantDim(number);
}

bool evalCast(Binder &b) {
  const Content *x = b.content(0);
  Type to = b.op() == "CastLike"
                ? b.element(1)
                : mlirType(b.ctx, static_cast<int32_t>(b.requiredInt("to")));
  if (!x || !to)
    return false;
  Content out;
  out.isFloat = isa<FloatType>(to);
  if (out.isFloat && to.getIntOrFloatBitWidth() < 16)
    return false;
  for (double v : x->floats) {
    if (out.isFloat) {
      out.floats.push_back(roundedTo(to, v));
      continue;
    }
    auto d = castFloat(b, v, to);
    if (!d)
      return false;
    out.ints.push_back(*d);
  }
  for (llm::Dim d : x->ints) {
    if (out.isFloat) {
      auto fixed = llm::fixedDim(d);
      if (!fixed || std::abs(*fixed) > (int64_t(1) << 53))
        return false;
      out.floats.push_back(roundedTo(to, *fixed));
      continue;
    }
    auto i = castInt(b, d, to);
    if (!i)
      return false;
    out.ints.push_back(*i);
  }
  b.setContent(0, RankedTensorType::get(b.type(0).getShape(), to),
               std::move(out));
  return true;
}

bool evalWhere(Binder &b) {
  auto condition = b.fixedInts(0);
  const Content *x = b.content(1), *y = b.content(2);
  if (!condition || !x || !y || x->isFloat != y->isFloat)
    return false;
  auto shape = broadcastShape(b.type(0).getShape(), b.type(1).getShape());
  if (shape)
    shape = broadcastShape(*shape, b.type(2).getShape());
  if (!shape || elementsOf(*shape) > kMaxContent)
    return false;
  auto c = broadcastSource(b.type(0).getShape(), *shape),
       i = broadcastSource(b.type(1).getShape(), *shape),
       j = broadcastSource(b.type(2).getShape(), *shape);
  Content out;
  out.isFloat = x->isFloat;
  for (size_t k = 0; k < c.size(); ++k) {
    bool first = (*condition)[c[k]];
    if (out.isFloat)
      out.floats.push_back(first ? x->floats[i[k]] : y->floats[j[k]]);
    else
      out.ints.push_back(first ? x->ints[i[k]] : y->ints[j[k]]);
  }
  b.setContent(0, RankedTensorType::get(*shape, b.element(1)), std::move(out));
  return true;
}

/// Over all elements of a vector of sizes.
bool evalReduce(Binder &b) {
  const Content *x = b.content(0);
  if (!x || x->isFloat || b.rank(0) > 1 || x->ints.empty())
    return false;
  bool input = b.version() >= (b.op() == "ReduceSum" ? 13 : 18);
  bool given = input ? b.has(1) : bool(b.attr("axes"));
  auto axes = input ? b.fixedInts(1) : b.intsAttr("axes");
  if (given && !axes)
    return false;
  if ((!axes || axes->empty()) && b.intAttr("noop_with_empty_axes", 0))
    return false;
  StringRef kind = b.op() == "ReduceProd"  ? "Mul"
                   : b.op() == "ReduceSum" ? "Add"
                   : b.op() == "ReduceMax" ? "Max"
                                           : "Min";
  llm::Dim total = x->ints[0];
  for (llm::Dim d : ArrayRef(x->ints).drop_front()) {
    auto next = combined(b, kind, b.element(0), total, d);
    if (!next)
      return false;
    total = llm::simplified(*next);
  }
  Shape shape;
  if (b.intAttr("keepdims", 1) && b.rank(0) == 1)
    shape.push_back(1);
  b.setContent(0, RankedTensorType::get(shape, b.element(0)),
               Content::of(llm::Dims{total}));
  return true;
}

} // namespace

bool evaluateElementwise(Binder &b) {
  StringRef op = b.op();
  if (op == "Cast" || op == "CastLike")
    return evalCast(b);
  if (op == "Where")
    return evalWhere(b);
  if (op == "ReduceProd" || op == "ReduceSum" || op == "ReduceMax" ||
      op == "ReduceMin")
    return evalReduce(b);
  for (StringRef unary :
       {"Neg", "Abs", "Sqrt", "Reciprocal", "Floor", "Ceil", "Not"})
    if (op == unary)
      return evalUnary(b);
  for (StringRef binary :
       {"Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Pow", "And", "Or",
        "Xor", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"})
    if (op == binary)
      return evalBinary(b);
  return false;
}

} // namespace llmc::onnx
