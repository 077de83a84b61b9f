// SPDX-License-Identifier: Apache-2.0
#include "passes/match/Polynomial.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::match {

/// Symbols before variables before anything else, each by number.
static std::pair<int, unsigned> keyOf(AffineExpr a) {
  if (auto s = dyn_cast<AffineSymbolExpr>(a))
    return {0, s.getPosition()};
  if (auto d = dyn_cast<AffineDimExpr>(a))
    return {1, d.getPosition()};
  return {2, 0};
}

/// Degree first, then the atoms' order: a fixed monomial order.
static bool above(const Term &a, const Term &b) {
  if (a.atoms.size() != b.atoms.size())
    return a.atoms.size() > b.atoms.size();
  for (auto [x, y] : llvm::zip(a.atoms, b.atoms))
    if (keyOf(x) != keyOf(y))
      return keyOf(x) < keyOf(y);
  return false;
}

SmallVector<Term> termsOf(AffineExpr e) {
  SmallVector<Term> out;
  std::function<void(AffineExpr)> sum = [&](AffineExpr x) {
    auto binary = dyn_cast<AffineBinaryOpExpr>(x);
    if (binary && x.getKind() == AffineExprKind::Add) {
      sum(binary.getLHS());
      return sum(binary.getRHS());
    }
    Term term;
    term.factor = 1;
    std::function<void(AffineExpr)> product = [&](AffineExpr y) {
      auto inner = dyn_cast<AffineBinaryOpExpr>(y);
      if (inner && y.getKind() == AffineExprKind::Mul) {
        product(inner.getLHS());
        return product(inner.getRHS());
      }
      if (auto c = fixedDim(y))
        term.factor *= *c;
      else
        term.atoms.push_back(y);
    };
    product(x);
    llvm::sort(term.atoms,
               [](AffineExpr a, AffineExpr b) { return keyOf(a) < keyOf(b); });
    if (term.factor != 0)
      out.push_back(term);
  };
  sum(simplified(e));
  llvm::sort(out, above);
  return out;
}

AffineExpr sumOf(MLIRContext *ctx, ArrayRef<Term> terms) {
  AffineExpr sum = constantDim(ctx, 0);
  for (const Term &t : terms) {
    AffineExpr product = constantDim(ctx, t.factor);
    for (AffineExpr a : t.atoms)
      product = product * a;
    sum = sum + product;
  }
  return simplified(sum);
}

/// a / b as a term, if b divides it.
static std::optional<Term> divided(const Term &a, const Term &b) {
  Term out = a;
  for (AffineExpr x : b.atoms) {
    auto *it = llvm::find(out.atoms, x);
    if (it == out.atoms.end())
      return std::nullopt;
    out.atoms.erase(it);
  }
  // A constant splits into quotient and rest like whole numbers do.
  out.factor = a.factor / b.factor;
  if (out.factor * b.factor != a.factor &&
      !(a.atoms.empty() && b.atoms.empty()))
    return std::nullopt;
  if (out.factor == 0)
    return std::nullopt;
  return out;
}

Division divide(AffineExpr e, AffineExpr by) {
  MLIRContext *ctx = e.getContext();
  SmallVector<Term> divisor = termsOf(by), quotient, rest;
  if (divisor.empty())
    return {constantDim(ctx, 0), e};
  SmallVector<Term> left = termsOf(e);
  // Each step removes the leading term and adds only smaller ones.
  while (!left.empty()) {
    std::optional<Term> q = divided(left.front(), divisor.front());
    if (!q) {
      rest.push_back(left.front());
      left.erase(left.begin());
      continue;
    }
    quotient.push_back(*q);
    left = termsOf(sumOf(ctx, left) - sumOf(ctx, {*q}) * by);
  }
  return {sumOf(ctx, quotient), sumOf(ctx, rest)};
}

/// The smallest value of e over its variables: positive terms at 0, negative
/// ones at the extents' ends.
static AffineExpr lowerBound(AffineExpr e, Extents extents) {
  MLIRContext *ctx = e.getContext();
  AffineExpr out = constantDim(ctx, 0);
  for (const Term &t : termsOf(e)) {
    AffineExpr product = constantDim(ctx, t.factor);
    for (AffineExpr a : t.atoms) {
      auto d = dyn_cast<AffineDimExpr>(a);
      if (!d)
        product = product * a;
      else if (t.factor > 0)
        product = constantDim(ctx, 0);
      else
        product = product * (extents[d.getPosition()] - 1);
    }
    out = out + product;
  }
  return simplified(out);
}

bool provablyNonNegative(AffineExpr e, Extents extents) {
  for (const Term &t : termsOf(lowerBound(e, extents)))
    if (t.factor < 0)
      return false;
  return true;
}

bool provablyIndexOf(AffineExpr e, Dim n, Extents extents) {
  return provablyNonNegative(e, extents) &&
         provablyNonNegative(n - 1 - e, extents);
}

} // namespace llmc::match
