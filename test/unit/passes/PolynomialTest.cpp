// SPDX-License-Identifier: Apache-2.0
// Division and bounds of sizes and indices (passes/match/Polynomial.h).
#include "passes/match/Polynomial.h"

#include "mlir/IR/MLIRContext.h"
#include <catch2/catch.hpp>

using namespace mlir;
using namespace llmc;
using match::divide;

namespace {
struct Sizes {
  MLIRContext ctx;
  AffineExpr s0 = getAffineSymbolExpr(0, &ctx),
             s1 = getAffineSymbolExpr(1, &ctx);
  AffineExpr d0 = getAffineDimExpr(0, &ctx), d1 = getAffineDimExpr(1, &ctx);
  AffineExpr number(int64_t n) { return llm::constantDim(&ctx, n); }
};
} // namespace

TEST_CASE("a row and a column come back from their linear index") {
  Sizes s;
  AffineExpr total = s.s0 + s.s1;
  auto [row, column] = divide(s.d0 * total + s.d1, total);
  CHECK(row == s.d0);
  CHECK(column == s.d1);
}

TEST_CASE("constants divide with a rest") {
  Sizes s;
  auto [quotient, rest] = divide(s.d0 * 12 + 7, s.number(4));
  CHECK(quotient == llm::simplified(s.d0 * 3 + 1));
  CHECK(rest == s.number(3));
}

TEST_CASE("what does not divide stays in the rest") {
  Sizes s;
  auto [quotient, rest] = divide(s.d0 * 3, s.number(2));
  CHECK(quotient == s.number(0));
  CHECK(rest == llm::simplified(s.d0 * 3));
  auto byZero = divide(s.d0, s.number(0));
  CHECK(byZero.rest == s.d0);
}

TEST_CASE("indices are proven inside their extents") {
  Sizes s;
  llm::Dim extents[] = {s.s0, s.s1};
  CHECK(match::provablyIndexOf(s.d0, s.s0, extents));
  CHECK(match::provablyIndexOf(s.d0 * s.s1 + s.d1, s.s0 * s.s1, extents));
  CHECK(match::provablyIndexOf(s.d0, s.s0 + s.s1, extents));
  CHECK_FALSE(match::provablyIndexOf(s.d0, s.s1, extents));
  CHECK_FALSE(match::provablyIndexOf(s.d0 + 1, s.s0, extents));
  CHECK_FALSE(match::provablyIndexOf(s.d0 - 1, s.s0, extents));
  CHECK(match::provablyNonNegative(s.s0 - s.d0 - 1, extents));
}
