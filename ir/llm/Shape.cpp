// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/Shape.h"

#include "mlir/IR/AffineExprVisitor.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

#include <map>

using namespace mlir;

namespace llmc::llm {

Dim constantDim(MLIRContext *ctx, int64_t value) {
  return getAffineConstantExpr(value, ctx);
}

std::optional<int64_t> fixedDim(Dim dim) {
  if (auto c = dyn_cast<AffineConstantExpr>(dim))
    return c.getValue();
  return std::nullopt;
}

bool isFixed(ArrayRef<Dim> dims) {
  return llvm::all_of(dims, [](Dim d) { return fixedDim(d).has_value(); });
}

namespace {
/// A polynomial over atoms (symbols, and floordiv/ceildiv/mod of simplified
/// operands): the sorted list of atoms of each monomial to its coefficient.
/// Sums and products of sizes that are equal become equal expressions this way,
/// which MLIR's own simplification does not promise for products of symbols.
struct AtomLess {
  /// By structure, so that the order does not depend on addresses.
  static int compare(AffineExpr a, AffineExpr b) {
    if (a == b)
      return 0;
    if (a.getKind() != b.getKind())
      return a.getKind() < b.getKind() ? -1 : 1;
    if (auto c = dyn_cast<AffineConstantExpr>(a))
      return c.getValue() < cast<AffineConstantExpr>(b).getValue() ? -1 : 1;
    if (auto s = dyn_cast<AffineSymbolExpr>(a))
      return s.getPosition() < cast<AffineSymbolExpr>(b).getPosition() ? -1 : 1;
    if (auto s = dyn_cast<AffineDimExpr>(a))
      return s.getPosition() < cast<AffineDimExpr>(b).getPosition() ? -1 : 1;
    auto x = cast<AffineBinaryOpExpr>(a), y = cast<AffineBinaryOpExpr>(b);
    if (int c = compare(x.getLHS(), y.getLHS()))
      return c;
    return compare(x.getRHS(), y.getRHS());
  }
  bool operator()(AffineExpr a, AffineExpr b) const {
    return compare(a, b) < 0;
  }
};
struct MonomialLess {
  bool operator()(const SmallVector<AffineExpr> &a,
                  const SmallVector<AffineExpr> &b) const {
    if (a.size() != b.size())
      return a.size() > b.size();
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        AtomLess());
  }
};
using Polynomial = std::map<SmallVector<AffineExpr>, int64_t, MonomialLess>;

Polynomial toPolynomial(AffineExpr e);

AffineExpr fromPolynomial(MLIRContext *ctx, const Polynomial &p) {
  AffineExpr sum;
  int64_t constant = 0;
  for (auto &[atoms, factor] : p) {
    if (factor == 0)
      continue;
    if (atoms.empty()) {
      constant = factor;
      continue;
    }
    AffineExpr term = atoms.front();
    for (AffineExpr a : ArrayRef(atoms).drop_front())
      term = term * a;
    if (factor != 1)
      term = term * factor;
    sum = sum ? sum + term : term;
  }
  if (!sum)
    return getAffineConstantExpr(constant, ctx);
  return constant ? sum + constant : sum;
}

/// p / by if every coefficient is a multiple of the constant `by`, or every
/// monomial has the factor `by`.
std::optional<Polynomial> dividedExactly(const Polynomial &p,
                                         const Polynomial &by) {
  if (by.size() != 1 || by.begin()->second == 0)
    return std::nullopt;
  auto &[atoms, factor] = *by.begin();
  Polynomial out;
  for (auto &[monomial, coefficient] : p) {
    if (factor == -1 ? coefficient == INT64_MIN : coefficient % factor != 0)
      return std::nullopt;
    SmallVector<AffineExpr> rest = monomial;
    for (AffineExpr a : atoms) {
      auto *it = llvm::find(rest, a);
      if (it == rest.end())
        return std::nullopt;
      rest.erase(it);
    }
    out[rest] += coefficient / factor;
  }
  return out;
}

// Numbers beyond 64 bits become the largest ones, which no memory holds: sizes
// with them are refused where a tensor gets them.
int64_t limitedSum(int64_t a, int64_t b) {
  int64_t sum;
  return llvm::AddOverflow(a, b, sum) ? (b < 0 ? INT64_MIN : INT64_MAX) : sum;
}
int64_t limitedProduct(int64_t a, int64_t b) {
  int64_t product;
  return llvm::MulOverflow(a, b, product)
             ? ((a < 0) == (b < 0) ? INT64_MAX : INT64_MIN)
             : product;
}

Polynomial multiplied(const Polynomial &a, const Polynomial &b) {
  Polynomial out;
  for (auto &[m, f] : a)
    for (auto &[n, g] : b) {
      SmallVector<AffineExpr> both(m);
      both.append(n);
      llvm::sort(both, AtomLess());
      out[both] = limitedSum(out[both], limitedProduct(f, g));
    }
  std::erase_if(out, [](auto &x) { return x.second == 0; });
  return out;
}

Polynomial toPolynomial(AffineExpr e) {
  if (auto c = dyn_cast<AffineConstantExpr>(e))
    return c.getValue() ? Polynomial{{{}, c.getValue()}} : Polynomial{};
  auto binary = dyn_cast<AffineBinaryOpExpr>(e);
  if (!binary)
    return {{{e}, 1}};
  Polynomial a = toPolynomial(binary.getLHS()),
             b = toPolynomial(binary.getRHS());
  if (e.getKind() == AffineExprKind::Add) {
    for (auto &[m, f] : b)
      a[m] = limitedSum(a[m], f);
    std::erase_if(a, [](auto &x) { return x.second == 0; });
    return a;
  }
  if (e.getKind() == AffineExprKind::Mul)
    return multiplied(a, b);
  if (auto exact = dividedExactly(a, b))
    return e.getKind() == AffineExprKind::Mod ? Polynomial{} : *exact;
  AffineExpr x = fromPolynomial(e.getContext(), a),
             y = fromPolynomial(e.getContext(), b);
  AffineExpr atom = getAffineBinaryOpExpr(e.getKind(), x, y);
  if (auto c = dyn_cast<AffineConstantExpr>(atom))
    return toPolynomial(c);
  return {{{atom}, 1}};
}
} // namespace

Dim simplified(Dim dim) {
  return fromPolynomial(dim.getContext(), toPolynomial(dim));
}

Dim productOf(MLIRContext *ctx, ArrayRef<Dim> dims) {
  // Not by AffineExpr's product, whose factors wrap around.
  Polynomial product = {{{}, 1}};
  for (Dim d : dims)
    product = multiplied(product, toPolynomial(d));
  return fromPolynomial(ctx, product);
}

AffineMap dimsMap(MLIRContext *ctx, ArrayRef<Dim> dims) {
  Dims canonical;
  unsigned symbols = 0;
  for (Dim d : dims) {
    canonical.push_back(simplified(d));
    canonical.back().walk([&](AffineExpr e) {
      if (auto s = dyn_cast<AffineSymbolExpr>(e))
        symbols = std::max(symbols, s.getPosition() + 1);
    });
  }
  return AffineMap::get(0, symbols, canonical, ctx);
}

RankedTensorType tensorType(MLIRContext *ctx, ArrayRef<Dim> dims,
                            Type element) {
  AffineMap map = dimsMap(ctx, dims);
  SmallVector<int64_t> shape;
  for (Dim d : map.getResults())
    shape.push_back(fixedDim(d).value_or(ShapedType::kDynamic));
  bool fixed = !llvm::is_contained(shape, ShapedType::kDynamic);
  return RankedTensorType::get(shape, element,
                               fixed ? Attribute() : AffineMapAttr::get(map));
}

Type withElement(Type like, Type element) {
  if (auto t = dyn_cast<RankedTensorType>(like))
    return RankedTensorType::get(t.getShape(), element, t.getEncoding());
  return element;
}

Dims dimsOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  if (auto map = dyn_cast_or_null<AffineMapAttr>(tensor.getEncoding()))
    return Dims(map.getValue().getResults());
  Dims dims;
  for (int64_t d : tensor.getShape()) {
    assert(!ShapedType::isDynamic(d) &&
           "a symbolic dim needs its expression in the type's encoding");
    dims.push_back(constantDim(type.getContext(), d));
  }
  return dims;
}

Dim dimOf(Type tensor, int64_t axis) { return dimsOf(tensor)[axis]; }
int64_t rankOf(Value v) {
  return cast<RankedTensorType>(v.getType()).getRank();
}
Type elementOf(Value v) { return getElementTypeOrSelf(v.getType()); }

FailureOr<Dims> broadcastDims(ArrayRef<Dim> a, ArrayRef<Dim> b,
                              Symbols *symbols) {
  if (a.size() < b.size())
    std::swap(a, b);
  Dims out(a);
  size_t shift = a.size() - b.size();
  for (size_t i = 0; i < b.size(); ++i) {
    Dim x = a[shift + i], y = b[i];
    if (x == y || fixedDim(y) == 1)
      continue;
    if (fixedDim(x) == 1)
      out[shift + i] = y;
    else if (fixedDim(x) && fixedDim(y))
      return failure();
    else if (fixedDim(x) || fixedDim(y)) // a symbolic dim against a fixed one
                                         // above 1: it must be that size, or 1
      out[shift + i] = fixedDim(x) ? x : y;
    else if (symbols)
      out[shift + i] = symbols->broadcast(x, y);
  }
  return out;
}

Location siteLoc(MLIRContext *ctx, const Site &site) {
  Builder b(ctx);
  auto meta = b.getDictionaryAttr(
      {b.getNamedAttr("node", b.getI64IntegerAttr(site.node)),
       b.getNamedAttr("name", b.getStringAttr(site.name)),
       b.getNamedAttr("op", b.getStringAttr(site.op))});
  return FusedLoc::get(ctx, {NameLoc::get(b.getStringAttr(site.name))}, meta);
}

Site siteOf(Location loc) {
  Site site;
  loc->walk([&](Location l) {
    auto fused = dyn_cast<FusedLoc>(l);
    auto meta = fused ? dyn_cast_or_null<DictionaryAttr>(fused.getMetadata())
                      : DictionaryAttr();
    auto node = meta ? meta.getAs<IntegerAttr>("node") : IntegerAttr();
    if (!node)
      return WalkResult::advance();
    site = {node.getInt(), meta.getAs<StringAttr>("name").str(),
            meta.getAs<StringAttr>("op").str()};
    return WalkResult::interrupt();
  });
  return site;
}

} // namespace llmc::llm
