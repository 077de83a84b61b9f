// SPDX-License-Identifier: Apache-2.0
//
//   llm.sqrt(llm.constant dense<4.0>)  ->  llm.constant dense<2.0>
//
// Elementwise ops are computed in double and rounded once to the result's type,
// which gives the correctly rounded result for +, -, *, / and sqrt of f32 and
// smaller. Integer division by zero is left to fail at run time.
#include "passes/simplify/Patterns.h"

#include "ir/llm/Dialect.h"
#include "ir/llm/Shape.h"
#include "ir/llm/Weights.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::simplify {
namespace {

/// One number of any element type: integers exact in `i`, floats in `f`.
struct Number {
  double f = 0;
  int64_t i = 0;
};

bool isSignedInt(Type t) {
  return t.isSignlessInteger() && !t.isInteger(1) ? true : t.isSignedInteger();
}

SmallVector<Number> read(DenseElementsAttr a) {
  SmallVector<Number> out;
  Type element = a.getElementType();
  out.reserve(a.getNumElements());
  if (isa<FloatType>(element)) {
    for (const APFloat &x : a.getValues<APFloat>()) {
      APFloat wide = x;
      bool lost = false;
      wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
      out.push_back({wide.convertToDouble(), 0});
    }
    return out;
  }
  for (const APInt &x : a.getValues<APInt>()) {
    int64_t i = isSignedInt(element) ? x.getSExtValue()
                                     : static_cast<int64_t>(x.getZExtValue());
    out.push_back({static_cast<double>(i), i});
  }
  return out;
}

DenseElementsAttr write(RankedTensorType type, ArrayRef<Number> values) {
  Type element = type.getElementType();
  if (auto f = dyn_cast<FloatType>(element)) {
    SmallVector<APFloat> out;
    for (Number n : values) {
      APFloat x(n.f);
      bool lost = false;
      x.convert(f.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
      out.push_back(x);
    }
    return DenseElementsAttr::get(type, out);
  }
  SmallVector<APInt> out;
  for (Number n : values)
    out.push_back(APInt(element.getIntOrFloatBitWidth(), n.i,
                        isSignedInt(element),
                        /*implicitTrunc=*/true));
  return DenseElementsAttr::get(type, out);
}

std::optional<double> unaryFloat(Operation *op, double x) {
  return llvm::TypeSwitch<Operation *, std::optional<double>>(op)
      .Case([&](NegOp) { return -x; })
      .Case([&](AbsOp) { return std::abs(x); })
      .Case([&](ExpOp) { return std::exp(x); })
      .Case([&](LogOp) { return std::log(x); })
      .Case([&](SqrtOp) { return std::sqrt(x); })
      .Case([&](RsqrtOp) { return 1 / std::sqrt(x); })
      .Case([&](ReciprocalOp) { return 1 / x; })
      .Case([&](ErfOp) { return std::erf(x); })
      .Case([&](TanhOp) { return std::tanh(x); })
      .Case([&](SigmoidOp) { return 1 / (1 + std::exp(-x)); })
      .Case([&](ReluOp) { return x < 0 ? 0 : x; })
      .Case([&](SinOp) { return std::sin(x); })
      .Case([&](CosOp) { return std::cos(x); })
      .Case([&](FloorOp) { return std::floor(x); })
      .Case([&](CeilOp) { return std::ceil(x); })
      .Default([](Operation *) { return std::nullopt; });
}

std::optional<int64_t> unaryInt(Operation *op, int64_t x) {
  return llvm::TypeSwitch<Operation *, std::optional<int64_t>>(op)
      .Case([&](NegOp) {
        return static_cast<int64_t>(-static_cast<uint64_t>(x));
      })
      .Case([&](NotOp) { return static_cast<int64_t>(!x); })
      .Case([&](AbsOp) {
        return x < 0 ? static_cast<int64_t>(-static_cast<uint64_t>(x)) : x;
      })
      .Default([](Operation *) { return std::nullopt; });
}

std::optional<double> binaryFloat(Operation *op, double x, double y) {
  return llvm::TypeSwitch<Operation *, std::optional<double>>(op)
      .Case([&](AddOp) { return x + y; })
      .Case([&](SubOp) { return x - y; })
      .Case([&](MulOp) { return x * y; })
      .Case([&](DivOp) { return x / y; })
      .Case([&](PowOp) { return std::pow(x, y); })
      .Case([&](MinOp) { return std::isnan(x) || x < y ? x : y; })
      .Case([&](MaxOp) { return std::isnan(x) || x > y ? x : y; })
      .Default([](Operation *) { return std::nullopt; });
}

std::optional<int64_t> binaryInt(Operation *op, int64_t x, int64_t y) {
  auto wrap = [](uint64_t v) { return static_cast<int64_t>(v); };
  uint64_t a = x, b = y;
  return llvm::TypeSwitch<Operation *, std::optional<int64_t>>(op)
      .Case([&](AddOp) { return wrap(a + b); })
      .Case([&](SubOp) { return wrap(a - b); })
      .Case([&](MulOp) { return wrap(a * b); })
      .Case([&](DivOp) -> std::optional<int64_t> {
        if (y == 0 || (y == -1 && x == INT64_MIN))
          return std::nullopt;
        return x / y;
      })
      .Case([&](MinOp) { return std::min(x, y); })
      .Case([&](MaxOp) { return std::max(x, y); })
      .Case([&](AndOp) { return x & y; })
      .Case([&](OrOp) { return x | y; })
      .Case([&](XorOp) { return x ^ y; })
      .Default([](Operation *) { return std::nullopt; });
}

template <typename T> std::optional<bool> compare(Operation *op, T x, T y) {
  return llvm::TypeSwitch<Operation *, std::optional<bool>>(op)
      .Case([&](EqualOp) { return x == y; })
      .Case([&](LessOp) { return x < y; })
      .Case([&](LessEqualOp) { return x <= y; })
      .Case([&](GreaterOp) { return x > y; })
      .Case([&](GreaterEqualOp) { return x >= y; })
      .Default([](Operation *) { return std::nullopt; });
}

/// Floats of 8 bits saturate in ways of their own, integers below wrap.
bool hasOwnRounding(Type t) {
  unsigned width = t.getIntOrFloatBitWidth();
  return width < 16 && (isa<FloatType>(t) || (width > 1 && width < 8));
}

Number cast(Number n, Type from, Type to) {
  if (isa<FloatType>(from)) {
    if (to.isInteger(1))
      return {0, n.f != 0};
    if (isa<FloatType>(to))
      return n;
    // Truncates and saturates; NaN gives 0.
    if (std::isnan(n.f))
      return {0, 0};
    unsigned width = to.getIntOrFloatBitWidth();
    bool isSigned = isSignedInt(to);
    double low = isSigned ? -std::ldexp(1.0, width - 1) : 0;
    double high = std::ldexp(1.0, isSigned ? width - 1 : width);
    if (n.f <= low)
      return {low,
              isSigned ? APInt::getSignedMinValue(width).getSExtValue() : 0};
    if (n.f >= high)
      return {high, isSigned ? APInt::getSignedMaxValue(width).getSExtValue()
                             : static_cast<int64_t>(
                                   APInt::getMaxValue(width).getZExtValue())};
    return {0, high > 1e19 ? static_cast<int64_t>(static_cast<uint64_t>(n.f))
                           : static_cast<int64_t>(n.f)};
  }
  if (to.isInteger(1))
    return {0, n.i != 0};
  return n;
}

/// The result element of `op` for these operand elements.
std::optional<Number> compute(Operation *op, ArrayRef<Number> in) {
  Type from = elementOf(op->getOperand(0)), to = elementOf(op->getResult(0));
  bool floats = isa<FloatType>(from);
  if (hasOwnRounding(to))
    return std::nullopt;
  if (isa<CastOp>(op))
    return cast(in[0], from, to);
  if (isa<WhereOp>(op))
    return in[0].i ? in[1] : in[2];
  if (in.size() == 1) {
    if (isa<IsNaNOp>(op))
      return Number{0, std::isnan(in[0].f)};
    if (floats) {
      if (auto r = unaryFloat(op, in[0].f))
        return Number{*r, 0};
      return std::nullopt;
    }
    if (auto r = unaryInt(op, in[0].i))
      return Number{static_cast<double>(*r), *r};
    return std::nullopt;
  }
  if (in.size() != 2)
    return std::nullopt;
  if (auto r = floats ? compare(op, in[0].f, in[1].f)
                      : compare(op, in[0].i, in[1].i))
    return Number{0, *r};
  if (floats) {
    if (auto r = binaryFloat(op, in[0].f, in[1].f))
      return Number{*r, 0};
    return std::nullopt;
  }
  if (auto r = binaryInt(op, in[0].i, in[1].i))
    return Number{static_cast<double>(*r), *r};
  return std::nullopt;
}

DenseElementsAttr constantOf(Value v) {
  auto c = v.getDefiningOp<ConstantOp>();
  return c ? dyn_cast<DenseElementsAttr>(c.getValue()) : DenseElementsAttr();
}

/// The operand's linear index for a result index, under NumPy's broadcast.
int64_t broadcastIndex(ArrayRef<int64_t> index, ArrayRef<int64_t> shape) {
  int64_t linear = 0;
  size_t shift = index.size() - shape.size();
  for (auto [k, size] : llvm::enumerate(shape))
    linear = linear * size + (size == 1 ? 0 : index[shift + k]);
  return linear;
}

void next(SmallVectorImpl<int64_t> &index, ArrayRef<int64_t> shape) {
  for (int64_t k = shape.size() - 1; k >= 0; --k) {
    if (++index[k] < shape[k])
      return;
    index[k] = 0;
  }
}

struct FoldElementwise : OpInterfaceRewritePattern<ElementwiseOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type || !fitsConstant(type) || op->getNumOperands() > 3)
      return failure();
    SmallVector<SmallVector<Number>> operands;
    for (Value v : op->getOperands()) {
      DenseElementsAttr a = constantOf(v);
      if (!a)
        return failure();
      operands.push_back(read(a));
    }
    SmallVector<Number> out;
    SmallVector<int64_t> index(type.getRank(), 0);
    for (int64_t n = 0; n < type.getNumElements(); ++n) {
      SmallVector<Number> in;
      for (auto [values, v] : llvm::zip(operands, op->getOperands()))
        in.push_back(values[broadcastIndex(
            index, cast<RankedTensorType>(v.getType()).getShape())]);
      std::optional<Number> r = compute(op, in);
      if (!r)
        return failure();
      out.push_back(*r);
      next(index, type.getShape());
    }
    rewriter.replaceOpWithNewOp<ConstantOp>(op, write(type, out));
    return success();
  }
};

/// Ops that only move elements: the source index of each result index.
struct FoldLayout : RewritePattern {
  explicit FoldLayout(MLIRContext *ctx)
      : RewritePattern(MatchAnyOpTypeTag(), 1, ctx) {}

  static std::optional<int64_t>
  sourceIndex(Operation *op, ArrayRef<int64_t> index, ArrayRef<int64_t> shape) {
    if (isa<ExpandOp>(op))
      return broadcastIndex(index, shape);
    SmallVector<int64_t> from(shape.size(), 0);
    if (auto t = dyn_cast<TransposeOp>(op)) {
      for (auto [i, p] : llvm::enumerate(t.getPerm()))
        from[p] = index[i];
    } else if (auto s = dyn_cast<SliceOp>(op)) {
      for (size_t k = 0; k < shape.size(); ++k) {
        auto start = fixedDim(s.getStarts().getResult(k));
        if (!start)
          return std::nullopt;
        from[k] = *start + s.getSteps()[k] * index[k];
        if (from[k] < 0 || from[k] >= shape[k])
          return std::nullopt;
      }
    } else {
      return std::nullopt;
    }
    return broadcastIndex(from, shape);
  }

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<ExpandOp, TransposeOp, SliceOp>(op))
      return failure();
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    DenseElementsAttr a = constantOf(op->getOperand(0));
    if (!a || !fitsConstant(type))
      return failure();
    if (a.isSplat()) {
      rewriter.replaceOpWithNewOp<ConstantOp>(op, a.resizeSplat(type));
      return success();
    }
    SmallVector<Number> values = read(a), out;
    auto shape = cast<RankedTensorType>(a.getType()).getShape();
    SmallVector<int64_t> index(type.getRank(), 0);
    for (int64_t n = 0; n < type.getNumElements(); ++n) {
      std::optional<int64_t> from = sourceIndex(op, index, shape);
      if (!from)
        return failure();
      out.push_back(values[*from]);
      next(index, type.getShape());
    }
    rewriter.replaceOpWithNewOp<ConstantOp>(op, write(type, out));
    return success();
  }
};

struct FoldConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    if (!fitsConstant(type))
      return failure();
    SmallVector<SmallVector<Number>> parts;
    for (Value v : op.getInputs()) {
      DenseElementsAttr a = constantOf(v);
      if (!a)
        return failure();
      parts.push_back(read(a));
    }
    int64_t axis = op.getAxis(), outer = 1, inner = 1;
    for (int64_t k = 0; k < type.getRank(); ++k)
      (k < axis ? outer : inner) *= k == axis ? 1 : type.getDimSize(k);
    SmallVector<Number> out;
    for (int64_t o = 0; o < outer; ++o)
      for (auto [values, v] : llvm::zip(parts, op.getInputs())) {
        int64_t run =
            cast<RankedTensorType>(v.getType()).getDimSize(axis) * inner;
        out.append(values.begin() + o * run, values.begin() + (o + 1) * run);
      }
    rewriter.replaceOpWithNewOp<ConstantOp>(op, write(type, out));
    return success();
  }
};

/// Range with constant ends.
struct FoldRange : OpRewritePattern<RangeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RangeOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    DenseElementsAttr start = constantOf(op.getStart()),
                      delta = constantOf(op.getDelta());
    if (!start || !delta || !fitsConstant(type) ||
        !isa<IntegerType>(type.getElementType()))
      return failure();
    int64_t s = read(start)[0].i, d = read(delta)[0].i;
    SmallVector<Number> out;
    for (int64_t n = 0; n < type.getNumElements(); ++n)
      out.push_back({0, s + n * d});
    rewriter.replaceOpWithNewOp<ConstantOp>(op, write(type, out));
    return success();
  }
};
} // namespace

void populateFoldConstants(RewritePatternSet &patterns) {
  patterns.add<FoldElementwise, FoldLayout, FoldConcat, FoldRange>(
      patterns.getContext());
}

} // namespace llmc::simplify
