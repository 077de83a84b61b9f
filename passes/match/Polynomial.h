// SPDX-License-Identifier: Apache-2.0
// Sizes and indices as polynomials over symbols and index variables: the sums,
// exact divisions and bounds that index analysis needs. Value type, no state.
#pragma once

#include "ir/llm/Shape.h"

namespace llmc::match {

/// One term: a coefficient times atoms (symbols, index variables, quotients).
struct Term {
  llvm::SmallVector<mlir::AffineExpr, 3> atoms; ///< sorted
  int64_t factor = 0;
};
/// The terms of an expression after simplification.
llvm::SmallVector<Term> termsOf(mlir::AffineExpr);
mlir::AffineExpr sumOf(mlir::MLIRContext *, llvm::ArrayRef<Term>);

/// e = quotient * by + rest, by division with remainder: rest holds the terms
/// that the leading term of `by` does not divide.
struct Division {
  mlir::AffineExpr quotient, rest;
};
Division divide(mlir::AffineExpr e, mlir::AffineExpr by);

/// The extents of index variables: variable d_k is in [0, extents[k]).
using Extents = llvm::ArrayRef<llm::Dim>;

/// Whether e >= 0 for all values of its variables within their extents and all
/// sizes >= 0 (sizes as such are never negative). False: not proven.
bool provablyNonNegative(mlir::AffineExpr e, Extents);
/// Whether 0 <= e < n.
bool provablyIndexOf(mlir::AffineExpr e, llm::Dim n, Extents);

} // namespace llmc::match
