// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/SizeMath.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace llmc::onnx {

using Bound = std::optional<int64_t>;

std::optional<int64_t> SizeMath::lowerBound(llm::Dim e) const {
  return bound(llm::simplified(e), true, 0);
}
std::optional<int64_t> SizeMath::upperBound(llm::Dim e) const {
  return bound(llm::simplified(e), false, 0);
}

Bound SizeMath::symbolBound(unsigned i, bool lower) const {
  if (auto it = known.find({i, lower}); it != known.end())
    return it->second;
  Bound b = computedBound(i, lower);
  known[{i, lower}] = b;
  return b;
}

Bound SizeMath::computedBound(unsigned i, bool lower) const {
  StringRef kind = i < symbols.size() ? symbols.kind(i) : "input";
  if (kind == "data")
    return lower ? symbols.range(i).least : symbols.range(i).most;
  if (kind == "less" || kind == "equal")
    return lower ? 0 : 1;
  if (kind == "input" || kind == "broadcast")
    return lower ? Bound(0) : std::nullopt;
  llm::Dims of = symbols.operands(i);
  Bound a = bound(of[of.size() - 2], lower, 0), b = bound(of.back(), lower, 0);
  // A maximum is above either operand, a minimum below either; a selected
  // operand may be any.
  bool either = kind != "select" && (kind == "max") == lower;
  if (either && (!a || !b))
    return a ? a : b;
  if (!a || !b)
    return std::nullopt;
  return (kind == "select" ? !lower : kind == "max") ? std::max(*a, *b)
                                                     : std::min(*a, *b);
}

Bound SizeMath::bound(llm::Dim e, bool lower, int depth) const {
  if (depth > 64)
    return std::nullopt;
  if (auto c = llm::fixedDim(e))
    return *c;
  if (auto s = dyn_cast<AffineSymbolExpr>(e))
    return symbolBound(s.getPosition(), lower);
  auto binary = dyn_cast<AffineBinaryOpExpr>(e);
  if (!binary)
    return std::nullopt;
  llm::Dim x = binary.getLHS(), y = binary.getRHS();
  int64_t out;
  auto c = llm::fixedDim(y);
  switch (e.getKind()) {
  case AffineExprKind::Add: {
    Bound a = bound(x, lower, depth + 1), b = bound(y, lower, depth + 1);
    if (!a || !b || llvm::AddOverflow(*a, *b, out))
      return std::nullopt;
    return out;
  }
  case AffineExprKind::Mul: {
    if (c) {
      Bound a = bound(x, *c >= 0 ? lower : !lower, depth + 1);
      if (!a || llvm::MulOverflow(*a, *c, out))
        return std::nullopt;
      return out;
    }
    // A product of two sizes.
    Bound a = bound(x, true, depth + 1), b = bound(y, true, depth + 1);
    if (!lower || !a || !b || *a < 0 || *b < 0 ||
        llvm::MulOverflow(*a, *b, out))
      return std::nullopt;
    return out;
  }
  case AffineExprKind::FloorDiv:
  case AffineExprKind::CeilDiv: {
    Bound a = bound(x, lower, depth + 1);
    if (!c || *c <= 0) // by a size: at least the sign is known
      return lower && a && *a >= 0 && isNonNegative(y) ? Bound(0)
                                                       : std::nullopt;
    if (!a)
      return std::nullopt;
    return e.getKind() == AffineExprKind::FloorDiv
               ? llvm::divideFloorSigned(*a, *c)
               : llvm::divideCeilSigned(*a, *c);
  }
  case AffineExprKind::Mod:
    if (lower)
      return 0;
    return c && *c > 0 ? Bound(*c - 1) : std::nullopt;
  default:
    return std::nullopt;
  }
}

std::optional<bool> SizeMath::less(llm::Dim a, llm::Dim b) const {
  llm::Dim difference = llm::simplified(b - a);
  if (lowerBound(difference).value_or(0) > 0)
    return true;
  if (upperBound(difference).value_or(1) <= 0)
    return false;
  return std::nullopt;
}

std::optional<bool> SizeMath::lessEqual(llm::Dim a, llm::Dim b) const {
  auto other = less(b, a);
  return other ? std::optional(!*other) : std::nullopt;
}

std::optional<bool> SizeMath::equal(llm::Dim a, llm::Dim b) const {
  llm::Dim difference = llm::simplified(a - b);
  if (llm::fixedDim(difference) == 0)
    return true;
  if (lowerBound(difference).value_or(0) > 0 ||
      upperBound(difference).value_or(0) < 0)
    return false;
  return std::nullopt;
}

llm::Dim SizeMath::min(llm::Dim a, llm::Dim b) {
  if (lessEqual(a, b) == true)
    return llm::simplified(a);
  if (lessEqual(b, a) == true)
    return llm::simplified(b);
  return symbols.min(a, b);
}

llm::Dim SizeMath::max(llm::Dim a, llm::Dim b) {
  if (lessEqual(a, b) == true)
    return llm::simplified(b);
  if (lessEqual(b, a) == true)
    return llm::simplified(a);
  return symbols.max(a, b);
}

llm::Dim SizeMath::lessThan(llm::Dim a, llm::Dim b) {
  if (auto known = less(a, b))
    return constant(*known);
  return symbols.less(a, b);
}

llm::Dim SizeMath::equals(llm::Dim a, llm::Dim b) {
  if (auto known = equal(a, b))
    return constant(*known);
  return symbols.equal(a, b);
}

llm::Dim SizeMath::ceilDiv(llm::Dim a, llm::Dim step) const {
  return llm::simplified(llm::fixedDim(step) == 1 ? a : a.ceilDiv(step));
}

llm::Dim SizeMath::quotient(ArrayRef<llm::Dim> of,
                            ArrayRef<llm::Dim> by) const {
  llm::Dims rest(of), divisor;
  for (llm::Dim d : by) {
    auto *it = llvm::find(rest, d);
    if (it != rest.end())
      rest.erase(it);
    else
      divisor.push_back(d);
  }
  llm::Dim a = llm::productOf(ctx, rest), b = llm::productOf(ctx, divisor);
  if (llm::fixedDim(b) == 1)
    return a;
  return llm::simplified(a.floorDiv(b));
}

} // namespace llmc::onnx
